"""Loihi 2 through Lava: limits, emitted program, and the executors that run it."""
