"""snnc: train, export and verify spiking neural networks with learned synaptic delays."""

__version__ = "0.2.0"

SEMANTICS_VERSION = 1
"""Version of the integer contract, `docs/semantics.md`; every artifact carries it."""

SEMANTICS_READ = (1, 2)
"""Versions that files may state: a chain states 1."""
