"""The known bugs of Kestra's flow concurrency, each with a scenario that shows it, and what catches it."""
