"""Placement: which core holds which neuron, and where on the chip that core lies."""
