"""Numbers of numpy do as those of Python, and what is none is refused by its name."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from spike_counters import spike_counter

import snnc
from snnc.api.numbers import real, seconds, whole, wholes
from snnc.errors import CallError, InputError


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


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"weight_bits": True}, "weight_bits: is True; give a whole number"),
        ({"weight_bits": [4, True]}, "weight_bits: is True; give a whole number"),
        ({"payload_max": True}, "payload_max: is True; give a whole number"),
        ({"max_drop": True}, "max_drop: is True; give a number"),
        ({"prune": False}, "prune: is False; give a number"),
        ({"percentile": np.True_}, "percentile: is .*True.*; give a number"),
        ({"whole_bias": 3}, "whole_bias: is 3; give True or False"),
        ({"relays": None}, "relays: is None; give True or False"),
        ({"overwrite": "no"}, "overwrite: is 'no'; give True or False"),
        ({"verbose": 0}, "verbose: is 0; give True or False"),
    ],
)
def test_truths_are_no_numbers_and_numbers_no_truths(given, said, tmp_path):
    with pytest.raises(InputError, match=f"^{said}$"):
        snnc.Network(spike_counter(), "counter").export("c", tmp_path / "a.c", **given)
    assert not (tmp_path / "a.c").exists()


def test_truths_of_numpy_and_none_where_it_is_allowed_are_flags(tmp_path):
    counter = snnc.Network(spike_counter(), "counter")
    exported = counter.export("c", tmp_path / "a.c", whole_bias=None, overwrite=np.True_, budget=None)
    for count in (True, -1):
        with pytest.raises(InputError, match=r"^samples: is (True|-1); give "):
            exported.verify(samples=count)
    with pytest.raises(InputError, match=r"^fail_fast: is 1; give True or False$"):
        exported.verify(fail_fast=1)


def test_numbers_beyond_floats_are_refused(tmp_path):
    counter = snnc.Network(spike_counter(), "counter")
    for most in (10**400, -(10**5000)):
        with pytest.raises(InputError, match=r"^prune=-?inf: the share must be"):
            counter.export("c", tmp_path / "a.c", prune=most)
        with pytest.raises(InputError, match=r"^dt: is .*; give a positive number of seconds"):
            seconds("dt", most)


def test_what_is_no_name_or_path_is_refused(tmp_path):
    counter = snnc.Network(spike_counter(), "counter")
    with pytest.raises(InputError, match=r"^target: is None; give the target, as "):
        counter.export(None, tmp_path / "a.c")
    with pytest.raises(InputError, match=r"^path: is None; give a path"):
        counter.export("c", None)
    exported = counter.export("c", tmp_path / "a.c")
    for executors in (3, [3], {"oracle"}):
        with pytest.raises(InputError, match=r"^executors: is .*; give a name, or a list of names"):
            exported.verify(executors=executors)
    for labels in (np.zeros(1, int), [0]):  # as `finetune` takes them
        with pytest.raises(InputError, match=r"classes of samples are given as labels=\.\.\.$"):
            exported.verify(np.zeros((1, 4, 3)), labels)
    with pytest.raises(
        InputError, match=r"^executors: 'up' is none, .*; classes of samples are .* labels=\.\.\.$"
    ):
        exported.verify(np.zeros((2, 4, 3)), ["up", "down"])
    with pytest.raises(
        InputError, match=r"^executor 'hwsm' is unknown \(did you mean 'hwsim'\?\); there are torch"
    ):
        exported.verify(executors=["oracle", "hwsm"])
    with pytest.raises(CallError, match=r"^verify: executors is given twice, .*\n.*classes .* as labels="):
        exported.verify(np.zeros((1, 4, 3)), [0], executors="hwsim")
    with pytest.raises(InputError, match=r"^labels: all 2 are missing \(None\); leave out labels$"):
        exported.verify(np.zeros((2, 4, 3)), labels=[None, None])


def test_what_is_no_share_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^prune: is 'auto'; give a number"):
        snnc.Network(spike_counter(), "counter").export("c", tmp_path / "a.c", prune="auto")


def test_tensors_of_half_the_bits_are_events(tmp_path):
    exported = snnc.Network(spike_counter(), "counter").export("c", tmp_path / "a.c")
    x = torch.eye(4)[:, :3]
    for kind in (torch.bfloat16, torch.float16):
        assert exported.predict(x.to(kind)).tolist() == exported.predict(x).tolist()
