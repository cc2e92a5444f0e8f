"""Numbers of numpy do as those of Python, and what is none is refused by its name."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from spike_counters import spike_counter

import snnc
from snnc.api.numbers import real, seconds, whole, wholes
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


def test_numbers_beyond_floats_are_refused(tmp_path):
    counter = snnc.Network(spike_counter(), "counter")
    for most in (10**400, -(10**5000)):
        with pytest.raises(InputError, match=r"^prune=-?inf: the share must be"):
            counter.export("c", tmp_path / "a.c", prune=most)
        with pytest.raises(InputError, match=r"^dt: is .*; give a positive number of seconds"):
            seconds("dt", most)


def test_what_is_no_name_or_path_is_refused(tmp_path):
    counter = snnc.Network(spike_counter(), "counter")
    with pytest.raises(InputError, match=r"^target: is None; give the name of one of loihi, "):
        counter.export(None, tmp_path / "a.c")
    with pytest.raises(InputError, match=r"^path: is None; give a path"):
        counter.export("c", None)
    exported = counter.export("c", tmp_path / "a.c")
    for executors in (3, [3], {"oracle"}):
        with pytest.raises(InputError, match=r"^executors: is .*; give a name, or a list of names"):
            exported.verify(executors=executors)


def test_what_is_no_share_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^prune: is 'auto'; give a number, or None"):
        snnc.Network(spike_counter(), "counter").export("c", tmp_path / "a.c", prune="auto")


def test_tensors_of_half_the_bits_are_events(tmp_path):
    exported = snnc.Network(spike_counter(), "counter").export("c", tmp_path / "a.c")
    x = torch.eye(4)[:, :3]
    for kind in (torch.bfloat16, torch.float16):
        assert exported.predict(x.to(kind)).tolist() == exported.predict(x).tolist()
