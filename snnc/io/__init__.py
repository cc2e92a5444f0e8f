"""All bytes that come from outside, and all that are written: files, signals, HDF5, npz, TOML, traces."""
