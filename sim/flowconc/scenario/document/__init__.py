"""The scenario file as pydantic models: what may be written, and what is said of what may not."""
