"""Which recordings of a data set train, validate, and are left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from finetune_nets import STEPS, network
from models import CONFIG, tiny_model
from order_task import order_task

from snnc.api.parts import parts
from snnc.errors import InputError
from snnc.exporter.passes.discretise import Discretise
from snnc.exporter.passes.quantise import quantise
from snnc.exporter.passes.quantise_graph import quantise_graph


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
