"""Which of known names a mistyped one is taken for, and that a mere likeness is not told."""

from __future__ import annotations

import pytest

from snnc.near_names import nearest
from snnc.text import did_you_mean


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        ("hiden", ["hidden", "epochs"], ["hidden"]),
        ("lanse", ["board", "lanes"], ["lanes"]),  # two letters exchanged
        ("rlt", ["rtl", "lava"], ["rtl"]),
        ("weigth_bit", ["weight_bits"], ["weight_bits"]),
        ("Time_Steps", ["time-steps"], ["time-steps"]),
        ("alif", ["lif", "adlif"], ["lif", "adlif"]),  # as near
        ("bits", ["fires", "weight_bits"], ["weight_bits"]),  # a word of it
        ("num_classes", ["classes"], ["classes"]),
        ("out", ["layout", "output"], ["output"]),  # cut short
        ("dataset", ["dt", "data"], ["data"]),  # longer
        ("device", ["decoder"], []),
        ("samples", ["scale", "example"], []),
        ("dt", ["data"], []),
        ("iceberg", ["icebreaker"], []),
        ("ax", ["x", "axis"], []),
        ("report", ["readout", "layout"], []),
        ("layout", ["readout"], []),
        ("name", ["lanes", "samples"], []),
        ("bn", ["b"], []),
        ("x" * 500, ["x" * 499 + "y"], []),
    ],
)
def test_what_is_near(name: str, known: list[str], near: list[str]) -> None:
    assert nearest(name, known) == near


def test_all_that_are_as_near_are_told() -> None:
    assert did_you_mean("alif", ["lif", "adlif", "li"]) == " (did you mean 'lif' or 'adlif'?)"
    assert did_you_mean("nothing", ["lif", "adlif"]) == ""
