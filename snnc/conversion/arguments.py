"""What `from_torch` is given, checked: the module, the example and its layout."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.parameter import is_lazy

from snnc import no_events
from snnc.conversion.axes import BATCH, TIME, Axes
from snnc.conversion.own_time import Sure
from snnc.errors import InputError
from snnc.formats import PAYLOAD_MAX
from snnc.io.other_kinds import read_in_python
from snnc.text import quoted

LAYOUTS = {
    2: "'TC' for [steps, lines], or 'TN' for [steps, recordings] of one line",
    3: "'TNC' for [steps, recordings, lines]",
    4: "'TNCL' for [steps, recordings, channels, places], or 'TCHW' for [steps, channels, rows, columns]",
    5: "'TNCHW' for [steps, recordings, channels, rows, columns]",
}
"""The usual one by how many dimensions an example has."""
OF_FILE = (
    "A path names no module: make it of its class, load the file into it (load_state_dict), and give the "
    "module"
)
OF_META = "Make the module on a device that holds numbers (to_empty), and load its weights (load_state_dict)"
OF_LIST = "Make one module of them: nn.Sequential(...), or a class that calls them"
OF_FUNCTION = "Make it the forward of a torch.nn.Module, and give an object of that"
EXCHANGED = "The module comes first, then the example: from_torch(module, example, dt=1e-3)"
STACKED = (
    "Make one tensor of them: torch.stack(list), of parts of one shape; pad those of fewer steps with zeros"
)
OF_BATCH = "Give the tensor of events alone, without labels: of a DataLoader, next(iter(loader))[0]"
OF_SHAPE = "It looks like a shape: give events, as (torch.rand({}) < 0.3).float()"
OF_PATH = "A path is no example: load the file, as {}"
REPEATED = "A module that repeats its input in all steps is to be given steps: repeat the input outside of it"


def check_module(module: Any) -> None:
    """Raises `InputError` for what is no module with numbers."""
    if not isinstance(module, torch.nn.Module):
        of_dict = ["Load it into its module (load_state_dict), and give that"] * isinstance(module, dict)
        of_class = ["Make one of the class: MyNetwork(...)"] * isinstance(module, type)
        of_file = [OF_FILE] * isinstance(module, str | os.PathLike)
        of_list = [OF_LIST] * isinstance(module, list | tuple)
        of_function = [OF_FUNCTION] * (callable(module) and not isinstance(module, type))
        of_tensor = [EXCHANGED] * isinstance(module, torch.Tensor | np.ndarray)
        what = f"module is a {type(module).__name__}, expected a torch.nn.Module"
        raise InputError(what, *of_dict, *of_class, *of_file, *of_list, *of_function, *of_tensor)
    for name, parameter in (*module.named_parameters(), *module.named_buffers()):
        if is_lazy(parameter):
            raise InputError(
                f"the module's {name} has no shape yet", "Run the module once, or load its weights"
            )
        if parameter.is_meta:
            raise InputError(f"the module's {name} has no numbers (device meta)", OF_META)
    for name, parameter in module.named_parameters():
        _refuse_numbers(f"the module's parameter {name}", parameter, ~parameter.isfinite())
    for name, buffer in module.named_buffers():  # infinity may mean "never", as of a threshold
        _refuse_numbers(f"the module's buffer {name}", buffer, buffer.isnan())


def tensor_of(example: Any) -> torch.Tensor:
    """Raises `InputError` for what is no tensor of numbers."""
    try:
        found = torch.as_tensor(_as_one(example)).detach()
    except (TypeError, ValueError, RuntimeError) as error:
        why = "" if isinstance(example, str | os.PathLike) else f" ({error})"
        what = f"the example is {quoted(example)}, expected a tensor{why}"
        raise InputError(what, *_instead_of(example)) from error
    if found.ndim == 1 and isinstance(example, list | tuple) and 1 < len(example) < 6:
        sizes = ", ".join(map(str, found.tolist()))
        raise InputError(f"the example is {quoted(example)}, expected a tensor", OF_SHAPE.format(sizes))
    if found.is_complex() or not found.numel():
        raise InputError(
            f"the example is {found.dtype} of the shape {list(found.shape)}, expected a tensor of real "
            "numbers that is not empty"
        )
    if found.layout != torch.strided or found.is_meta:
        what = "has no numbers (meta)" if found.is_meta else f"is {found.layout}"
        raise InputError(f"the example {what}, expected a dense tensor of events 0 .. {PAYLOAD_MAX}")
    return found


def _as_one(example: Any) -> Any:
    """Arrays in a list, of one shape, as one array; else what is given."""
    arrays = isinstance(example, list | tuple) and all(isinstance(each, np.ndarray) for each in example)
    return np.stack(example) if arrays and example else example


def _instead_of(example: Any) -> list[str]:
    """What to do with what is no tensor."""
    if isinstance(example, list | tuple) and example:
        parts = [each for each in example if isinstance(each, torch.Tensor | np.ndarray)]
        alike = len(parts) == len(example) and len({each.ndim for each in parts}) == 1
        return [STACKED if alike else OF_BATCH]
    if isinstance(example, str | os.PathLike):
        read = read_in_python(example) or "torch.from_numpy(numpy.load(path)) does of an .npy"
        return [OF_PATH.format(f"torch.from_numpy({read})" if read.startswith("numpy") else read)]
    if isinstance(example, torch.nn.Module):
        return [EXCHANGED]
    return [OF_BATCH] * (isinstance(example, dict) or hasattr(example, "__iter__"))


def kind_of(module: torch.nn.Module) -> torch.dtype:
    """In what the module computes: whole numbers are given to it as such if it fails on them as they are."""
    kinds = (each.dtype for each in module.parameters() if each.is_floating_point())
    return next(kinds, torch.float32)


def _refuse_numbers(what: str, tensor: torch.Tensor, strange: torch.Tensor) -> None:
    """Raises `InputError` with the first number of `tensor` that is `strange`."""
    if strange.any():
        place = strange.nonzero()[0].tolist()
        number = tensor[tuple(place)].item()
        raise InputError(f"{what} holds {number} at {place}; train it again, or load it again")


def axes_of(tensor: torch.Tensor, layout: str) -> Axes:
    """What the dimensions of `tensor` are. Raises `InputError` for a layout of other ones."""
    letters = str(layout).upper()
    meant = letters.replace("B", "N")
    if meant != letters and _fits(meant, tensor):
        raise InputError(
            f"layout {layout!r} has no letter N, which stands for recordings; did you mean {meant!r}?"
        )
    if not _fits(letters, tensor):
        usual = f", as {LAYOUTS[tensor.ndim]}" if tensor.ndim in LAYOUTS else ""
        raise InputError(
            f"layout {layout!r} does not fit an example of the shape {list(tensor.shape)}: give a letter for "
            f"each dimension, T for time once, N for recordings, others for features{usual}",
            *[REPEATED] * ("T" not in letters),
        )
    dims = [
        (TIME,) if letter == "T" else (BATCH,) if letter == "N" else (int(size),)
        for letter, size in zip(letters, tensor.shape, strict=True)
    ]
    sizes = dict(zip(letters, tensor.shape, strict=True))
    return Axes(tuple(dims), int(sizes.get("N", 1)), int(sizes["T"]))


def _fits(letters: str, tensor: torch.Tensor) -> bool:
    """Whether `letters` are a layout of `tensor`."""
    alone = letters.isalpha() and len(set(letters)) == len(letters)
    return alone and len(letters) == tensor.ndim and "T" in letters


def events_of(tensor: torch.Tensor, axes: Axes) -> npt.NDArray[np.int64]:
    """The example as [N, T, lines], whole numbers."""
    array = tensor.to("cpu", torch.float64).numpy()
    if (at := no_events.first_beyond(array, PAYLOAD_MAX)) is not None:
        raise InputError(
            Sure(
                f"the example holds {no_events.told(array, at)} at {list(at)}, inputs are whole events 0 .. "
                f"{PAYLOAD_MAX} a step: {no_events.remedy(array[at])}"
            )
        )
    order = [axes.of(BATCH)] if (BATCH,) in axes.dims else []
    order = [*order, axes.of(TIME), *(k for k, dim in enumerate(axes.dims) if isinstance(dim[0], int))]
    return array.transpose(order).reshape(axes.batch, axes.steps, axes.lines).astype(np.int64)
