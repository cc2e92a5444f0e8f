"""The range proof (contract, clause 9): `certificate` is its data, `prove` makes it, `check` checks it.

The prover's steps are `walk`, `arrivals`, `steps`, `adaptation` and `forms`, the checker's are `check_*`;
neither imports the other.
"""
