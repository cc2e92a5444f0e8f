"""What fine-tuning says where its learning rate moves no integer weight, and that it says nothing twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from finetune_nets import events, network
from order_task import config, order_task

import snnc
from snnc.api.finetuned import Finetuned, recorded
from snnc.api.network import Network
from snnc.api.no_better import no_weight
from snnc.api.words import in_python
from snnc.errors import InputError
from snnc.trainer.data import save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model
from snnc.trainer.tuning import KEY

X = events(60)


def tuned(rate: float, net: Any = None, **others: Any) -> Network:
    given = {"target": "c", "weight_bits": 8, "epochs": 2, "learning_rate": rate, "verbose": False} | others
    return snnc.finetune(net or Network(network(), "net"), X, **given)


def weights(net: Network, folder: Any) -> list[list[int]]:
    """The integers of an export, by projection."""
    exported = net.export("c", folder, weight_bits=8, verbose=False)
    return [each.synapses.as_list().weight.tolist() for each in exported.graph.projections]


@pytest.mark.parametrize("rate", [1e-7, 1e-6])
def test_that_no_integer_weight_changed_is_said(rate: float, tmp_path) -> None:
    """At 1e-6 biases change and an epoch is kept, at 1e-7 nothing does."""
    net = tuned(rate)
    assert weights(net, tmp_path / "tuned") == weights(Network(network(), "net"), tmp_path / "net")
    kept = net.finetuned.epoch > 0
    assert kept == (rate == 1e-6)
    told = f"raise learning_rate, {rate:g} now, as to 0.005"
    if kept:
        assert "fine-tuned to 8 bits, but no integer weight changed: agreement" in repr(net)
        assert f"no integer weight changed, only biases or the scales of weights: {told}" in net.notes
    else:
        assert repr(net).endswith("; no epoch changed an integer weight)")
        assert f"no epoch changed an integer weight: {told}" in net.notes
    assert net.finetuned.record()["weights"] is False
    assert "notes" not in net.finetuned.record()


def test_nothing_is_said_where_weights_changed(tmp_path) -> None:
    net = tuned(1e-3)
    assert weights(net, tmp_path / "tuned") != weights(Network(network(), "net"), tmp_path / "net")
    assert "no integer weight" not in " ".join((repr(net), *net.notes))


def test_a_larger_rate_is_advised_at_any() -> None:
    assert no_weight(0.02, True).endswith("raise learning_rate, 0.02 now, as to 0.2")
    assert no_weight(0.5, False).endswith("raise learning_rate, 0.5 now, as to 1")


def test_a_second_call_replaces_the_notes_of_the_first() -> None:
    first = tuned(1e-3)
    second = tuned(1e-7, first)
    own = [each for each in second.notes if "fine-tuned" in each or "learning_rate" in each]
    assert len(own) == 2
    assert own[0].startswith("fine-tuned, but not changed for c on given samples (48 recordings trained, ")
    assert "before that on given samples" in own[0]
    third = tuned(1e-3, second)
    assert len([each for each in third.notes if "fine-tuned" in each]) == 1
    assert not [each for each in third.notes if "learning_rate" in each]


def test_the_reason_is_given_once() -> None:
    """That no epoch was better is not said before the sentence that says how."""
    (first, *others) = tuned(1e-7).notes
    assert "no epoch" not in first
    assert len(others) == 1


def test_records_of_earlier_releases_are_read(tmp_path) -> None:
    save_events_npz(order_task(40), tmp_path / "order.npz")
    told = config(dataset=str(tmp_path / "order.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), tmp_path / "m.pt")
    net = snnc.finetune(
        snnc.load(tmp_path / "m.pt"), order_task(40), target="c", weight_bits=4, epochs=1, verbose=False
    )
    record = {name: value for name, value in net.model.metrics[KEY].items() if name != "weights"}
    found = recorded(replace(net.model, metrics={**net.model.metrics, KEY: record}), tmp_path)
    assert isinstance(found, Finetuned)
    assert found.weights


def test_python_is_told_of_its_own_calls(tmp_path) -> None:
    """Not of FILE, which the command line has."""
    labels = np.array([str(at % 2) for at in range(40)])
    labels[3] = "?"
    spikes = (np.random.default_rng(0).random((40, 12, 6)) < 0.3).astype(np.uint8)
    np.savez(tmp_path / "some.npz", spikes=spikes, labels=labels, dt=0.01)
    save_events_npz(order_task(40), tmp_path / "order.npz")
    told = config(dataset=str(tmp_path / "order.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), tmp_path / "m.pt")
    for net in (snnc.load(tmp_path / "m.pt"), Network(network(), "net")):
        with pytest.raises(InputError) as refused:
            snnc.finetune(net, tmp_path / "some.npz", target="c", verbose=False)
        assert "1 of 40 recordings has no label" in str(refused.value)
        assert "recordings.labelled() are the others" in str(refused.value)
        assert "FILE" not in str(refused.value)
        assert "--" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "--dataset FILE names data in another place",
        "--dataset FILE names others",
        "--dataset FILE names a file to test with",
    ],
)
def test_no_file_is_named_where_an_argument_takes_recordings(text: str) -> None:
    assert "FILE" not in in_python(f"so much: {text}")
