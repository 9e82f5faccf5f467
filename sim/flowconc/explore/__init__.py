"""The protocol in every order: interleavings of executors, crashes, minimal schedules, replay tokens."""
