"""Numbers of numpy do as those of Python, and what is none is refused by its name."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from spike_counters import spike_counter

import snnc
from snnc.api.numbers import real, whole, wholes
from snnc.errors import InputError


def test_numbers_of_numpy_become_those_of_python():
    for found, wanted in (
        (whole("a", np.int64(3)), 3),
        (wholes("a", np.uint8(4)), 4),
        (wholes("a", np.array([4, 8])), (4, 8)),
        (wholes("a", [np.int64(2)]), (2,)),
        (real("a", np.float32(0.5)), 0.5),
        (real("a", None), None),
    ):
        assert found == wanted
        assert repr(found) == repr(wanted)


@pytest.mark.parametrize("bits", ["48", 8.0, [4, "a"], [4.5, 4]])
def test_what_is_no_number_of_bits_is_refused(bits, tmp_path):
    with pytest.raises(InputError, match=r"^weight_bits: is .*; give a whole number"):
        snnc.Network(spike_counter(), "counter").export("c", tmp_path / "a.c", weight_bits=bits)


def test_what_is_no_share_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^prune: is 'auto'; give a number, or None"):
        snnc.Network(spike_counter(), "counter").export("c", tmp_path / "a.c", prune="auto")


def test_tensors_of_half_the_bits_are_events(tmp_path):
    exported = snnc.Network(spike_counter(), "counter").export("c", tmp_path / "a.c")
    x = torch.eye(4)[:, :3]
    for kind in (torch.bfloat16, torch.float16):
        assert exported.predict(x.to(kind)).tolist() == exported.predict(x).tolist()
