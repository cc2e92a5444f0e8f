"""Clause 7: how a host decodes readouts, and by how much a decoder that rounds in its own way may differ."""
