"""What a module tells of steps and recordings of its input, beside the sizes of the example."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral

import torch

STEPS = frozenset(
    [
        *("T", "time_steps", "timesteps", "num_steps", "num_timesteps", "n_steps", "nb_steps", "n_timesteps"),
        *("steps", "seq_len", "seq_length", "sequence_length", "time_window", "window", "simulation_steps"),
    ]
)
RECORDINGS = frozenset(["batch_size", "batch", "bs", "n_batch", "num_samples"])
"""Names of attributes, as modules have them."""


def exchanged(module: torch.nn.Module, layout: str, steps: int, recordings: int) -> str | None:
    """Why `module` seems to take `recordings` of the example for steps, and the other way round; else None.

    `layout` of the example has a letter for each dimension.
    """
    if steps == recordings or "N" not in layout:
        return None
    for name, part in module.named_modules():
        for path, value in _facts(name, part):
            attribute = path.rpartition(".")[2]
            if attribute == "batch_first" and value is True and layout.index("T") < layout.index("N"):
                return f"the module's {path} is True"
            if attribute in STEPS and value == recordings:
                return f"the module's {path} is {value}, and the example has {steps} steps"
            if attribute in RECORDINGS and value == steps:
                return f"the module's {path} is {value}, and the example has {recordings} recordings"
    return None


def _facts(name: str, part: torch.nn.Module) -> Iterator[tuple[str, object]]:
    """Attributes that are whole numbers or truths, with their paths."""
    for attribute, value in vars(part).items():
        if isinstance(value, Integral):
            yield f"{name}.{attribute}".lstrip("."), value
