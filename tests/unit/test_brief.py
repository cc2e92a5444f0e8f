"""How objects of data print."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from snnc.brief import brief


@dataclass(frozen=True)
class Thing:
    name: str
    array: Any = None
    parts: tuple[Any, ...] = ()
    table: Any = field(default_factory=dict)
    hidden: int = field(default=1, repr=False)

    __repr__ = brief


def test_fields_without_a_value_are_left_out() -> None:
    assert repr(Thing("a")) == "Thing(name='a')"


def test_arrays_and_collections_are_told_by_their_size() -> None:
    thing = Thing("a", np.zeros((2, 3), np.int32), (Thing("b"), Thing("c")), {"k": 1})
    assert repr(thing) == "Thing(name='a', array=int32 [2, 3], parts=<2>, table=<1>)"
    assert repr(Thing("a", np.float64(0.5), (1, 2))) == "Thing(name='a', array=np.float64(0.5), parts=(1, 2))"
    assert repr(Thing("a", b"12345")) == "Thing(name='a', array=5 bytes)"


def test_it_stays_a_line_of_bounded_length() -> None:
    text = repr(Thing("a\nb" * 500, "x" * 500, ("y" * 500,) * 6))
    assert len(text) <= 250
    assert "\n" not in text
