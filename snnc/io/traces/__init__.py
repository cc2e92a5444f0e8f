"""Traces on disk: HDF5, npz or NIRData, read piece by piece (`docs/traces.md`)."""
