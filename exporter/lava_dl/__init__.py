"""Network files of lava-dl (`.net`, HDF5), read as graphs of the contract.

Such a file holds whole numbers already: nothing is rounded or scaled. `docs/interop.md` states the mapping.
"""
