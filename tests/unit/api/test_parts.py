"""Which recordings of a data set train, validate, and are left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from finetune_nets import STEPS, network
from models import CONFIG, tiny_model
from order_task import config, order_task

from snnc.api.parts import parts
from snnc.errors import InputError
from snnc.exporter.passes.discretise import Discretise
from snnc.exporter.passes.quantise import quantise
from snnc.exporter.passes.quantise_graph import quantise_graph
from snnc.stages import TrainedModel
from snnc.trainer.data import EventDataset, save_events_npz
from snnc.trainer.loop import train


def test_recordings_come_in_parts_and_those_of_the_test_are_left_alone():
    """The recordings of the last speakers are longer than the network, and would be refused."""
    graph = quantise_graph(network())
    data = replace(order_task(160), class_names=("x", "y"))
    test = np.isin(data.speaker, [8, 9])
    late = data.times.copy().reshape(160, 6)
    late[test] += 100
    assert late[test].max() > STEPS * 10
    poisoned = type(data)(
        **{name: getattr(data, name) for name in data.__dataclass_fields__ if name != "times"},
        times=late.ravel(),
    )
    slow = type(graph)(graph.populations, graph.projections, graph.readouts, STEPS, 0.01)
    found = parts(poisoned, None, slow, "NTC", 0, None)
    train, validation = found.train, found.validation
    assert (len(train.events), len(validation.events), test.sum()) == (112, 16, 32)
    with pytest.raises(InputError, match="step"):
        poisoned.frames(np.flatnonzero(test), 0.01, STEPS, 1)


def test_parts_of_a_model_are_those_of_its_training():
    """By the speakers of its configuration; two units share a line. Published ones are the very same."""
    model = replace(
        tiny_model(),
        class_names=("rising", "falling", "none"),
        unit_pool=2,
        config=CONFIG | {"validation_speakers": [3], "test_speakers": [4, 5]},
    )
    data = replace(order_task(), unit_count=10, class_names=model.class_names)
    graph = quantise(Discretise(None).run(model), 8)
    found = parts(data, None, graph, "NTC", 0, model)
    train, validation = found.train, found.validation
    assert (len(train.events), len(validation.events)) == (112, 16)
    np.testing.assert_array_equal(validation.labels, data.labels[data.speaker == 3])
    first = data.frames(np.flatnonzero(data.speaker == 3), 0.02, 12, 2)
    np.testing.assert_array_equal(validation.events, first)
    hashes = {name: data.select(data.speaker == 3).sha256() for name in ("train", "validation")}
    published = replace(model, metrics={"data": {"parts": hashes}})
    with pytest.raises(InputError, match="data: the train part of 'order' is another than in training"):
        parts(data, None, graph, "NTC", 0, published)
    with pytest.raises(InputError, match="data: the model has no training configuration"):
        parts(data, None, graph, "NTC", 0, replace(model, config={}))


def within(tmp_path: Path) -> tuple[EventDataset, TrainedModel]:
    """40 recordings, two of those that train without an event; 32 train and validate, 8 test."""
    task = order_task(40)
    events = np.diff(task.offsets)
    silent = np.isin(np.arange(40), [0, 3])
    kept = np.repeat(~silent, events)
    offsets = np.concatenate([[0], np.cumsum(np.where(silent, 0, events))])
    data = replace(task, offsets=offsets, times=task.times[kept], units=task.units[kept])
    save_events_npz(data, tmp_path / "task.npz")
    quick = {"epochs": 1, "finetune_epochs": 0, "quantise_epochs": 0}
    who = {"validation": "training", "test_speakers": [8, 9]}
    return data, train(config(dataset=str(tmp_path / "task.npz"), **who, **quick))


def test_all_that_validate_and_train_are_told_those_without_an_event_too(tmp_path: Path):
    data, model = within(tmp_path)
    assert data.speaker[[0, 3]].max() < 8
    found = parts(str(tmp_path / "task.npz"), None, quantise(Discretise(None).run(model), 8), None, 0, model)
    first, second = found.lines("net", "task.npz")
    assert first == "net: of task.npz, 32 samples train, 32 validate, 8 are left out (the test part)"
    assert second.startswith("32 samples that validate are among those that train")


def test_of_another_file_each_recording_is_counted_once_too(tmp_path: Path):
    """Backwards, the same 32 are given; all of them trained, so a fifth is drawn to validate."""
    data, model = within(tmp_path)
    save_events_npz(data.select(np.arange(40)[::-1]), tmp_path / "other.npz")
    graph = quantise(Discretise(None).run(model), 8)
    found = parts(str(tmp_path / "other.npz"), None, graph, None, 0, model)
    assert (len(found.train), len(found.validation), found.kept_out) == (26, 6, None)
    (first, *_) = found.lines("net", "task.npz")
    assert first.startswith("net: of other.npz, 26 samples train, 6 validate, 8 are left out (the test part")
