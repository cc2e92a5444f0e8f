"""What functions of PyTorch make of values: those that are linear, by name."""

from snnc.conversion.functions import dimensions, sums, weights
from snnc.conversion.functions.handlers import HANDLERS, Call, numbers
from snnc.conversion.functions.joined import along_time, same_paths
from snnc.conversion.functions.sums import over_one
from snnc.conversion.functions.weights import weighed

__all__ = [
    "HANDLERS",
    "Call",
    "along_time",
    "dimensions",
    "numbers",
    "over_one",
    "same_paths",
    "sums",
    "weighed",
    "weights",
]
