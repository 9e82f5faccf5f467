"""The small languages inside a scenario file: times, rates, distributions, comparisons, cron."""
