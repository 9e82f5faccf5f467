"""What can be said against flows by reading them: rules of concurrency limits, checked over a whole repository."""
