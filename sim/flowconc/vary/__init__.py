"""Many variations of a scenario, within bounds that its author writes; of one that fails, the smallest."""
