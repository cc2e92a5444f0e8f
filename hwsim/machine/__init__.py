"""Time and energy of a placed program, step by step: a model of the chip's cores and mesh.

`docs/machine.md` defines it. `layout` turns the program into tables, `activity` a trace into what fires and
what is active in each step of the chip, `counts` counts the operations of each core, `timing` (with `kernel`)
says when each core is done, `run` has all of one sample, and `summary` adds up over samples.
"""
