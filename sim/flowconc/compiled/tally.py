"""The statistics of a run that keeps no table."""
