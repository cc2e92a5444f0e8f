"""The passes of an export by name, in order: a new pass stands in `PASSES`, and in no list of a test."""

from __future__ import annotations

from snnc.exporter.passes import PASSES, Place
from snnc.stages import QuantizedGraph

OF_INTEGERS = [kind.name for kind in PASSES if QuantizedGraph in kind.takes]
OF_CHAIN = ["discretise", "quantise", *OF_INTEGERS]
OF_FLOAT_GRAPH = ["quantise_graph", *OF_INTEGERS]
BEFORE_PLACE = OF_INTEGERS[: OF_INTEGERS.index(Place.name)]
"""Of a graph that holds integers already; they change it before it is placed."""
