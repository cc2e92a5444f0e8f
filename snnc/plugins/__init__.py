"""Executors by name, entry points of other distributions, and the guard around their code."""
