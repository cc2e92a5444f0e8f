"""Targets: what a chip can hold, and how a placed program is written for it."""
