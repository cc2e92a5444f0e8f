"""Arrays of what a user gives: of numpy, of torch, or lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.text import one_line


def array_of(what: str, given: Any, remedy: str) -> npt.NDArray[Any]:
    """Errors call it `what`, and end with `remedy`. What can be read once only is.

    Raises
    ------
    InputError
        It is no array: rows of unequal lengths, or a tensor that is sparse, without numbers ("meta") or of a
        type that numpy lacks; or some of its values are masked.
    """
    given = list(given) if isinstance(given, Iterator) else given
    if any(map(np.ma.is_masked, given if isinstance(given, list | tuple) else [given])):
        raise InputError(f"{what}: some values are masked; put numbers in their place, as .filled(0) does")
    try:
        return np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
    except ValueError:
        raise InputError(f"{what}: are rows of unequal lengths; {remedy}") from None
    except (TypeError, RuntimeError) as error:
        raise InputError(f"{what}: is no array ({one_line(str(error))}); {remedy}") from None
