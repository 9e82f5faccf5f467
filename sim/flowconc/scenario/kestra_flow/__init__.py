"""Kestra's own flow files, read as the engine reads them."""
