"""Modules that compute something else of other events, or of another number of recordings."""

from __future__ import annotations

import re

import numpy as np
import pytest
import snntorch
import torch
from changed_networks import Changed, Decoded, Membrane, X, check, whole
from spikingjelly.activation_based import neuron
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.axes import BATCH, TIME
from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, full_name
from snnc.errors import InputError
from snnc.exporter.float_reference import run_float


def cut(current):
    np.minimum(current.numpy(), 1.8, out=current.numpy())
    return current


class Saturating(snntorch.Leaky):
    def forward(self, current, mem=None):
        return super().forward(current.clamp(max=1.8), mem)


@pytest.mark.parametrize(
    ("module", "what"),
    [
        (Changed(lambda c: c, lambda x: x if x.mean() < 0.4 else 0 * x), "in bursts"),
        (Changed(lambda c: c, lambda x: x if x.mean() < 0.8 else 0 * x), "1 everywhere"),
        (Changed(lambda c: c, lambda x: x if x.sum() <= 0.9 * X.numel() else 0 * x), "1 everywhere"),
        (Changed(lambda c: c / c.shape[0]), "drawn from the example's"),
        (Changed(lambda c: c, lambda x: x[torch.arange(len(x)).tolist()] if x.mean() > 0.9 else x), None),
        (Decoded(lambda y: 0 * y if y.sum(0).max().item() > 13 else y), "in bursts"),
        (Decoded(lambda y: 1 - y if y.sum(0).max().item() > 13 else y), "in bursts"),
        (Membrane(lambda v: v.sum(0) / v.shape[1]), "drawn from the example's"),
    ],
)
def test_what_other_events_show(module, what):
    if what is None:
        check(module)
        return
    with pytest.raises(InputError, match=rf"on other events, {what}.* module (and network differ|gives)"):
        check(module)


def test_changes_that_no_function_shows():
    with pytest.raises(InputError, match=r"on other events, .*\nCompute the same of all events"):
        check(Changed(cut), events(15, 3, 8, share=0.08))


@pytest.mark.parametrize("least", [1, 0.9999])
def test_what_least_agreement_is_now_is_told_with_what_to_pass(least):
    """On the example, as on other events."""
    said = rf"a smaller least_agreement \({least} now\)$"
    with pytest.raises(InputError, match="on other events, ") as told:
        check(Changed(cut), events(15, 3, 8, share=0.08), least_agreement=least)
    assert re.search(said, told.value.args[-1])
    with pytest.raises(InputError, match=r"^lif: module and network differ") as told:
        check(Changed(cut), least_agreement=least)
    assert re.search(said, told.value.args[-1])


def test_neurons_that_saturate_above_what_the_example_reaches():
    module = Loop(nn.Sequential(whole()[0], Saturating(0.9, init_hidden=True)))
    few = events(15, 3, 8, share=0.08)
    with pytest.raises(InputError, match=r"step\.1: on other events, .* module and network differ in \d+ of"):
        check(module, few)
    notes = from_torch(module, few, dt=1e-3, least_agreement=0).notes
    assert any(note.startswith("step.1: on other events, ") for note in notes)


@pytest.mark.parametrize("recordings", [1, 2, 3])
def test_modules_of_one_number_of_recordings(recordings):
    other = 3 if recordings == 2 else 2
    said = f"compared in the example's number of recordings alone: the module fails on {other} recordings ("
    fixed = Changed(lambda c: c, lambda x: x.reshape(15, recordings, 8))
    (note,) = check(fixed, events(15, recordings, 8)).notes
    assert note.startswith(f"{said}RuntimeError: shape ")
    if recordings == 1:
        (note,) = check(Decoded(lambda y: y[:, 0]), events(15, 1, 8)).notes
        assert note.startswith(f"{said}a tensor has the shape [15, 12], not ")


@pytest.mark.parametrize("recordings", [1, 3])
def test_what_depends_on_the_number_of_a_recording(recordings):
    """Beyond those of the example."""
    for beyond in {4 * recordings, recordings}:
        lines = torch.ones(4 * recordings + 1, 1)
        lines[beyond] = 0
        with pytest.raises(InputError, match=f"on other events, .*: first in recording {beyond}, step"):
            check(Changed(lambda c: c, lambda x, m=lines: x * m[: x.shape[1]]), events(15, recordings, 8))


def test_what_takes_one_recording_or_several_alone():
    (note,) = check(Changed(lambda c: c.squeeze(0) if len(c) == 1 else c)).notes
    assert note.startswith("compared in other numbers of recordings: the module fails on 1 recording (")


def test_what_depends_on_whether_gradients_are_computed():
    """A module is trained with them, and its artifact is proved without."""

    def other(x):
        return 2 * x if torch.is_grad_enabled() else x

    class Other(snntorch.Leaky):
        def forward(self, current, mem=None):
            return super().forward(other(current), mem)

    for module in (
        Changed(other),
        Changed(lambda c: c, other),
        Loop(nn.Sequential(whole()[0], Other(0.9, init_hidden=True))),
        Membrane(lambda v: other(v.sum(0))),
    ):
        with pytest.raises(InputError) as error:
            check(module)
        first, remedy = error.value.args
        assert first.startswith(
            f"{type(module).__name__} computes something else within torch.enable_grad(): "
        )
        assert remedy.endswith("ask self.training for what training alone is to do")


def test_what_runs_without_gradients_alone_is_read():
    """A note says so, and none does where it runs with them as well."""
    said = "not compared within torch.enable_grad(): the module fails there (RuntimeError: "
    both, alone = (
        [note for note in check(module).notes if note.startswith(said)]
        for module in (
            Changed(lambda c: 1 * c if c.requires_grad else c),
            Changed(lambda c: (c.numpy(), c)[1]),
        )
    )
    assert (len(both), len(alone)) == (0, 1)


def test_a_module_is_trained_after_it_was_read():
    module = Changed(lambda c: c)
    check(module)
    assert not module.lif.mem.requires_grad
    for _ in range(2):
        module.lif.reset_mem()
        module(X).sum().backward()
    assert module.fc.weight.grad.any()


def test_what_depends_on_many_recordings():
    """As many as a data set has in a batch."""
    check(Changed(lambda c: c, lambda x: x if x.shape[1] <= 257 else 0 * x))
    with pytest.raises(InputError, match="on other events, 1 everywhere, module and network differ"):
        check(Changed(lambda c: c, lambda x: x if x.shape[1] <= 256 else 0 * x))


def test_large_examples_are_not_repeated_many_times(monkeypatch):
    sizes = []
    for room in ("other_steps", "late"):
        monkeypatch.setattr(f"snnc.conversion.{room}.NUMBERS", 0)
    monkeypatch.setattr("snnc.conversion.other_events.NUMBERS", 13 * 15 * 20 - 1)
    check(Changed(lambda c: c, lambda x: (sizes.append(x.shape[1]), x)[1]))
    assert sizes == [3, 3, 3, 3, 3, 2, 2, 2, 2, 1, 4]  # the first of two once more, with gradients
    monkeypatch.setattr("snnc.conversion.other_events.NUMBERS", 13 * 15 * 20)
    check(Changed(lambda c: c, lambda x: (sizes.append(x.shape[1]), x)[1]))
    assert sizes[-2:] == [1, 13]
    monkeypatch.setattr("snnc.conversion.other_events.NUMBERS", 257 * 15 * 20)
    check(Changed(lambda c: c, lambda x: (sizes.append(x.shape[1]), x)[1]))
    assert sizes[-3:] == [1, 13, 257]


class Held(nn.Module):
    """Neurons of three recordings, which are one dimension with their steps."""

    def __init__(self, recordings=3):
        super().__init__()
        self.recordings = recordings

    def forward(self, x):
        v = torch.zeros(3, x.shape[1])
        found = []
        for step in x.reshape(3, -1, x.shape[1]).unbind(1):
            v = v + step
            found.append((v > 1).float())
            v = v * (v <= 1)
        return torch.stack(found, 1).reshape(x.shape)


def of_held(module, name):
    own = {"keep_u": 0.0, "keep_v": 1.0, "threshold": 1.0, "fires": "above", "reset": "zero"}
    return Cell(name, own, time_dim=0, time_within=(BATCH, TIME), recordings=module.recordings)


@pytest.mark.parametrize("recordings", [3, None])
def test_neurons_of_one_number_of_recordings(recordings, monkeypatch):
    monkeypatch.setitem(CONVERTERS, full_name(Held), of_held)
    module = nn.Sequential(nn.Flatten(0, 1), whole()[0], Held(recordings), nn.Unflatten(0, (-1, 15)))
    x = X.transpose(0, 1).contiguous()
    if recordings is None:  # 30 places are read as three recordings of ten steps
        with pytest.raises(InputError, match="on other events, drawn from the example's"):
            check(module, x, "NTC")
        return
    assert not check(module, x, "NTC").notes


def test_modules_that_fail_on_other_events():
    def sparse(x):
        if x.mean() > 0.7:
            raise ValueError("too many events")
        return x

    looked, note = check(Changed(lambda c: c, sparse)).notes
    assert looked.startswith("in Changed.forward (line ")
    assert ", __bool__ takes numbers out of what depends on the input; compared on the example" in looked
    assert note == (
        "not compared on other events, 1 everywhere: "
        "the module fails on 3 recordings (ValueError: too many events)"
    )


def test_a_membrane_that_meets_the_threshold_is_no_difference():
    node = neuron.IFNode(v_threshold=0.6, v_reset=None, step_mode="m")
    module = nn.Sequential(nn.Linear(8, 12, bias=False), node)
    nn.init.constant_(module[0].weight, 0.05)
    network = from_torch(module, events(15, 3, 8, share=0.02, seed=4), dt=1e-3)
    assert all("never spikes" in note for note in network.notes)
    with torch.no_grad():
        theirs = module(torch.ones(15, 1, 8))[:, 0].numpy() != 0
    ours = run_float(network.graph, np.ones((15, 8), np.int64))["1"].spikes
    assert (ours != theirs).mean() > 0.5  # from twelve times 0.05 on


def test_the_example_counts_as_it_was_given():
    check(Changed(lambda c: c, lambda x: x.mul_(2)), 3 * X)
