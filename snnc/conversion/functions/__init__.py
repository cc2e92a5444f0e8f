"""What functions of PyTorch make of values: those that are linear, by name."""

from snnc.conversion.functions import (
    convolutions,
    dimensions,
    einsums,
    indexed,
    masks,
    moved,
    pools,
    sums,
    weights,
)
from snnc.conversion.functions.convolutions import padded_in_time
from snnc.conversion.functions.handlers import HANDLERS, called, for_lines, numbers, rounding
from snnc.conversion.functions.joined import along_time, of_all_steps
from snnc.conversion.functions.nearest import INSTEAD
from snnc.conversion.functions.sums import over_one
from snnc.conversion.functions.weights import weighed

__all__ = [
    "HANDLERS",
    "INSTEAD",
    "along_time",
    "called",
    "convolutions",
    "dimensions",
    "einsums",
    "for_lines",
    "indexed",
    "masks",
    "moved",
    "numbers",
    "of_all_steps",
    "over_one",
    "padded_in_time",
    "pools",
    "rounding",
    "sums",
    "weighed",
    "weights",
]
