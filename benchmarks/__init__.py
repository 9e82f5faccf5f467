"""How fast, and with how much memory: each figure beside a yardstick measured in the same run."""
