"""`State`: the tensors of a file, taken one by one under their names; what is not taken is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from snnc.errors import ModelFileError
from snnc.exporter.nir.lines import ENTRY_LIMIT
from snnc.text import quoted

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]

NORM_EPS = 1e-5
"""PyTorch's eps of batch norm, which a file does not hold and none of the works changes."""


class State:
    """A state dict: arrays by key.

    `path` is what errors call the file.
    """

    def __init__(self, content: Mapping[Any, Any], path: str) -> None:
        self._content, self._path = content, path
        self._taken = set[str]()

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def numbers(self, pattern: str) -> list[int]:
        """The numbers, ascending, for which there is a key; `pattern` has a `#` in their place."""
        wanted = re.compile(re.escape(pattern).replace(r"\#", "([0-9]{1,6})"))
        found = (wanted.fullmatch(key) for key in self._content if isinstance(key, str))
        return sorted(int(match[1]) for match in found if match)

    def dimensions(self, key: str) -> int:
        """How many the tensor `key` has; 0 if there is none."""
        return getattr(self._content.get(key), "ndim", 0)

    def tensor(self, key: str, *shape: int | None) -> Float32Array:
        """The finite numbers of `key`; None in `shape` stands for any size above 0.

        Raises
        ------
        ModelFileError
            The key is missing, is no float32 tensor of this shape, or holds NaN or an infinity.
        """
        expected = f"a float32 tensor of the shape {_shown(shape)}"
        if key not in self._content:
            self.refuse(f"{key} is missing, expected {expected}")
        value = self._content[key]
        if not isinstance(value, np.ndarray) or value.dtype != np.float32:
            kind = (
                f"a tensor of {value.dtype}" if hasattr(value, "dtype") else f"of type {type(value).__name__}"
            )
            self.refuse(f"{key} is {kind}, expected {expected}")
        if len(value.shape) != len(shape) or any(
            size == 0 if wanted is None else size != wanted
            for size, wanted in zip(value.shape, shape, strict=True)
        ):
            self.refuse(f"{key} has the shape {_shown(value.shape)}, expected {expected}")
        if value.size > ENTRY_LIMIT:
            self.refuse(f"{key} has {value.size} numbers, the limit is {ENTRY_LIMIT}")
        wrong = ~np.isfinite(value)
        if wrong.any():
            place = [int(each) for each in np.argwhere(wrong)[0]]
            self.refuse(f"{key} holds {value[tuple(place)]} at {place}, expected finite numbers")
        self._taken.add(key)
        return value

    def array(self, key: str, *shape: int | None) -> FloatArray:
        """As `tensor`, in float64."""
        return self.tensor(key, *shape).astype(np.float64)

    def batch_norm(self, prefix: str, neurons: int) -> tuple[FloatArray, FloatArray]:
        """Factor and offset [neurons] of the batch norm `prefix`, in evaluation."""
        weight, bias, mean, variance = (
            self.array(f"{prefix}.{name}", neurons)
            for name in ("weight", "bias", "running_mean", "running_var")
        )
        if (variance < 0).any():
            self.refuse(f"{prefix}.running_var holds {variance.min():.6g}, expected 0 or more")
        self._taken.add(f"{prefix}.num_batches_tracked")  # how long it was trained
        factor = 1 / np.sqrt(variance + NORM_EPS) * weight
        return factor, -mean * factor + bias

    def inner(self, key: str) -> State:
        """The state dict under `key`, if there is one, else this: some works save it with their progress."""
        held = self._content.get(key)
        return State(held, self._path) if isinstance(held, dict) else self

    def finish(self) -> None:
        """Raise `ModelFileError` if there are keys that nothing has taken."""
        left = [key for key in self._content if key not in self._taken]
        if left:
            more = f" and {len(left) - 3} others" if len(left) > 3 else ""
            self.refuse(
                f"unknown keys {', '.join(quoted(key) for key in left[:3])}{more}, expected none of them"
            )

    def refuse(self, problem: str) -> NoReturn:
        """Raise `ModelFileError` with the file's name."""
        raise ModelFileError(f"{self._path}: {problem}")


def _shown(shape: tuple[int | None, ...]) -> str:
    return f"[{', '.join('any' if size is None else str(size) for size in shape)}]"
