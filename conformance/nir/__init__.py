"""A conformance suite for NIR; README.md describes it."""
