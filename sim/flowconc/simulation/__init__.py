"""The protocol in time: SimPy clock, executors, scheduler, database locks, workers, arrivals."""
