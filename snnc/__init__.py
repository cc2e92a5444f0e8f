"""snnc: train, export and verify spiking neural networks with learned synaptic delays."""

__version__ = "0.2.0"

SEMANTICS_VERSION = 2
"""Version of the integer contract, `docs/semantics.md`."""

SEMANTICS_READ = (1, SEMANTICS_VERSION)
"""Versions that files may state; `provenance.semantics_version` says which a network does."""
