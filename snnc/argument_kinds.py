"""What kind of value an argument takes, by the text of its annotation, and how it is given."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from snnc.text import quoted

EXAMPLES = {
    "target": "the target, as 'c'",
    "path": "a path",
    "path_or_name": "a path, or the name of a data set, as 'digits'",
    "checkpoint": "the path of a file",
    "config": "the name of a preset, as 'digits', or the path of a TOML file",
    "data": "recordings, or their name or path",
    "x": "samples, [N, T, lines]",
    "example": "an example of events, [T, N, lines]",
    "dataset": "a data set, whose items are pairs of events and a label",
    "labels": "the class of each recording",
    "dt": "the seconds a step, as dt=1e-3",
    "tick_s": "the seconds a unit of time, as tick_s=1e-6",
    "bin_s": "the seconds a step, as bin_s=1e-3",
    "time_unit": "the seconds a unit of time, as time_unit=1e-6",
    "samples": "a whole number, or 'all'",
    "executors": "a name, or a list of names",
    "executor": "its name, as 'hwsim'",
    "kind": "its name, as 'snn-delays'",
    "device": "'auto', 'cpu' or 'cuda'",
    "split": "'train', 'validation' or 'test'",
    "prune_by": "the name of a rule, as 'magnitude'",
    "scale": "the name of a rule, as 'max'",
    "decoder": "its name, as 'sum'",
    "reset": "its name, as 'subtract'",
    "layout": "a text of a letter for each dimension, as 'NTC'",
    "readout": "the name of a population",
    "population": "the name of a population",
    "layer": "the name of a layer",
    "model": "a Network, an Exported, or the path of one",
    "net": "a Network, as from_torch, train, or load of a file returns",
}
"""How an argument is given."""
PATH = "a path"
KINDS = {
    "bool": "True or False",
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "os.PathLike[str]": PATH,
    "PathOrName": PATH,
}
"""The same by its annotation, the first that it has of these from behind."""
PATHS = frozenset({"os.PathLike[str]", "PathOrName"})
TEXTS = PATHS | {"str"}
NETWORKS = frozenset({"Network", "Exported"})
NUMBERS = frozenset({"int", "float"})
WHOLE = TEXTS | NETWORKS | {"bool", "None"}
"""What is looked at in full. Of numbers, arrays and recordings the function itself tells more."""


def wrong_kind(name: str, annotation: str, examples: Mapping[str, str]) -> Callable[[object], str]:
    """What tells, of a value for the argument `name`, what is wrong with it, or "".

    Looks at what the function itself would not tell: True and False that stand for no truth, a text that is
    empty, and whatever is neither text, path, truth nor network where nothing else is taken.
    """
    kinds = frozenset(annotation.split(" | "))
    known = [how for kind, how in KINDS.items() if kind in kinds]
    how = KINDS["bool"] if "bool" in kinds else examples.get(name, "".join(known[-1:]))
    scalar = bool(kinds & NUMBERS) and kinds <= NUMBERS | WHOLE
    filled = bool(kinds & TEXTS) or ("Any" in kinds and name in examples)

    def told(value: object) -> str:
        if filled and isinstance(value, str) and not value:
            return f"{name}: is empty; give {how}"
        if is_truth(value):
            wrong = "bool" not in kinds and (bool(known) or kinds <= WHOLE)
        else:
            wrong = kinds <= WHOLE and not _is_one_of(kinds, value)
            wrong = wrong or (scalar and getattr(value, "ndim", 0) > 0)  # comparisons of arrays have no truth
        return f"{name}: is {quoted(value)}; give {how}" if wrong else ""

    return told


def _is_one_of(kinds: frozenset[str], value: object) -> bool:
    """Of texts, paths, networks and None; truths were looked at before."""
    if value is None:
        return "None" in kinds
    if isinstance(value, str):
        return bool(kinds & TEXTS) and "\0" not in value  # which no path and no name has
    if isinstance(value, os.PathLike):
        return bool(kinds & PATHS)
    return any(each.__name__ in kinds & NETWORKS for each in type(value).__mro__)


def is_truth(value: object) -> bool:
    """Also one of numpy, which is not imported for this."""
    return type(value).__name__ in ("bool", "bool_")
