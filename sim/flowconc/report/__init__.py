"""What people look at: HTML, plots, terminal text."""
