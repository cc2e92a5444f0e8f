"""As many labels as the network has steps, and not as there are samples: the example may be why."""

from __future__ import annotations

from typing import Any

from snnc.api.example import Origin, convert_again
from snnc.errors import InputError


def check_count(labels: Any, samples: int, steps: int, origin: Origin) -> None:
    """Raise `InputError` for so many labels; `steps` are those of the network, and `origin` its example's."""
    count = len(labels) if hasattr(labels, "__len__") and not isinstance(labels, str) else samples
    if count in (samples, 0) or count != steps or origin.layout is None or "N" not in origin.layout:
        return
    raise InputError(
        f"labels are {count}, and there are {samples} samples; {count} is the number of steps of the "
        f"network: samples and time look exchanged in the example of from_torch, which was read in layout "
        f"{origin.layout!r}; if they are, {convert_again(origin.layout)}; else give a label for each sample"
    )
