"""What functions of PyTorch make of values: those that are linear, by name."""

from snnc.conversion.functions import dimensions, sums, weights
from snnc.conversion.functions.handlers import HANDLERS, Call, numbers
from snnc.conversion.functions.joined import along_time, same_paths

__all__ = ["HANDLERS", "Call", "along_time", "dimensions", "numbers", "same_paths", "sums", "weights"]
