"""What the user writes: scenario YAML and Kestra flow files, read into a frozen Scenario."""
