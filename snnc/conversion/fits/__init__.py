"""Which parameter of a converter's `Cell` is wrong: values of one with which neurons spike as their module.

The module's own spikes reset v (`driven`), so each step is judged by itself. `linear` finds values of what v
or the threshold is linear in, `kept` what remains after a step, and `parameters` tries them all; `differing`
are the neurons that a value is told of, and `telling` tells it where enough spikes show it: `evidence` counts
different ones, and `beside` whether a second number makes up for it. `habits` are those that the contract's
neurons do not have. `potentials` fits v of readouts, which is known itself.
"""
