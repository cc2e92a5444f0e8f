"""Measurements: ratios within one run, medians. `make bench` prints the table and writes results.json."""
