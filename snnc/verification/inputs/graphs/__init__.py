"""Inputs of graphs that are no chain: what they reach, and the search for others."""
