"""Was it right: invariants, expectations, thresholds. Reads only a trace and what the scenario expects."""
