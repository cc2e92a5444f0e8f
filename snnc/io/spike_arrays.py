"""Names of the arrays of a file of `spikes`: which are read, and which another one was meant by."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable
from difflib import get_close_matches
from pathlib import Path

from snnc.errors import InputError
from snnc.text import one_line, shortened

STEP = "dt"
"""The array that says how many seconds a step of `spikes` has."""
CLASSES = "classes"
"""The array that names the classes of which `labels` are the numbers."""
KNOWN = ("spikes", "labels", STEP, CLASSES, "speaker", "speakers")
_NEAR = 0.8
"""How like two names are that may be meant for each other: a file may well hold "tables", too."""
_SHOWN = 120
"""Characters of names that are listed."""
_OTHERS = {
    "labels": ("y", "label", "target", "targets", "class", "truth", "ground_truth"),
    STEP: ("bin", "bin_s", "step", "step_s", "tick_s", "timestep", "time_step", "delta_t"),
    CLASSES: ("class_names", "label_names", "names"),
}
"""What others call them."""


def meant(name: str, present: Container[str] = ()) -> str:
    """ " (did you mean 'labels'?)", or "" where `name` is like none of `KNOWN` that is not `present`."""
    absent = [each for each in KNOWN if each not in present]
    for each in absent:
        if name.lower() in _OTHERS.get(each, ()):
            return f" (did you mean {each!r}?)"
    near = get_close_matches(name.lower(), absent, 1, _NEAR)
    return f" (did you mean {near[0]!r}?)" if near else ""


def assumed_step(path: Path, arrays: Container[str], step_s: float) -> tuple[str, ...]:
    """That steps of a file that does not say how long they are, are taken for `step_s`; empty if it does.

    `arrays`: names of those of the file of spikes at `path`.
    """
    return (
        () if STEP in arrays else (f"{path.name} has no {STEP}: its steps are taken for {step_s:g} s each",)
    )


def other_step(
    name: str, own_s: float | None, step_s: float, learned_s: float | None = None
) -> tuple[str, ...]:
    """That steps of `own_s` seconds, of the data called `name`, are not the network's, of `step_s`.

    Empty if they are, if they are those of training, `learned_s`, and if data have no steps.
    """
    if own_s is None or any(
        math.isclose(own_s, each, rel_tol=1e-6) for each in (step_s, learned_s) if each is not None
    ):
        return ()
    return (
        f"{name} has steps of {own_s:g} s, the network of {step_s:g} s: its events are put into those by "
        "their times; those of one line in one step count as one; if its steps are the network's, it needs "
        f"{STEP}={step_s:g}",
    )


def not_read(path: Path, arrays: Iterable[str]) -> tuple[str, ...]:
    """That some of `arrays`, names of those of the file of spikes at `path`, are not read; empty if all are.

    Raises
    ------
    InputError
        If one is called almost as one that is read, so that samples would go without it.
    """
    names = list(arrays)
    others = [name for name in names if name not in KNOWN]
    for name in others:
        if said := meant(name, names):
            raise InputError(
                f"{path}: its array {one_line(name)!r} is not read{said}; beside 'spikes', those are "
                f"{', '.join(KNOWN[1:])}: rename it, or leave it out"
            )
    if not others:
        return ()
    verb = "is" if len(others) == 1 else "are"
    return (f"{path.name}: not read {verb} {shortened(one_line(', '.join(others)), _SHOWN)}",)
