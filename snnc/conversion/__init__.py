"""A PyTorch module -> `FloatGraph`.

`tracer` runs the module and notes what each tensor is (`values`, with `axes`), by `functions` and, of modules
of neurons, by `converters`; `fold` makes a graph of it; `comparison` holds the graph against the module.
"""
