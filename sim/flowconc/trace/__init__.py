"""What happened: the event log, its tables and exports."""
