"""The way back through the integer PyTorch model: gradients of a graph, as if nothing were rounded.

Forward is `integer_model.run_graph`, the reference of every comparison. Backward is that of the same clauses
in real numbers at the states that it found: the straight-through estimator (Bengio, Leonard & Courville,
arXiv:1308.3432), as `integer_lif` does for the layers of a chain. A spike has the derivative of the
arctangent surrogate, a reset is a constant.

`scores` has the loss of what readouts tell, `back` goes from there to what arrives at each population, with
`populations` and `projections`; `projections` has the gradients of weights.
"""
