"""Altered files for every reader: `make fuzz`, and a short, fixed run in `test_fuzz.py`."""
