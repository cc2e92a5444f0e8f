"""Networks beyond the chain: adaptation, soft reset, recurrence with delays, skips, spiking readouts.

`connections` holds synapses whose delays belong to their sources, `neurons` what a neuron computes with,
`loops` the spikes that return to their own population, `scan` a population over time with its gradient,
`populations` and `network` put them together.
"""
