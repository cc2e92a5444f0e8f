"""Targets and executors by name, those of other distributions included."""
