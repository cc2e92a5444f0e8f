"""A network as it was read, held against the spikes that its own framework gave on the same input.

`recorded` reads those spikes, `held` compares them, population by population (`agreement`), and `causes` says
why they differ: it tries `variants` of how the population computes (`replay`), as other `readings` of its
file or of its module would. `rounding` says what quantising adds.
"""
