"""Altered files for every reader: `make fuzz`, and a short, fixed run in `tests/fuzz/test_fuzz.py`."""
