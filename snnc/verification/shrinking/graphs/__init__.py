"""Smaller cases of graphs that are no chain: what can be left out, replaced or made plain."""
