"""The nearest network of the same neurons that a chip's limits hold.

For chips that are known by their limits only: what is made here is not exported.
"""
