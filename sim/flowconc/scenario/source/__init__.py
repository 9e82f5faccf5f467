"""YAML text to plain data with positions, within limits that hostile input cannot break."""
