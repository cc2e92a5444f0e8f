"""NIR both ways: `writer` and `reader` of our own files, `importer` of files that others wrote.

Ours: `forms` and `layers` lay out a chain, `structure`, `populations`, `projections` and `integers` any other
graph. Others': `foreign` and `importer` take a chain apart, `graph` with the rest all that is none.
"""
