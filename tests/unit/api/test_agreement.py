"""What `finetune` tells of agreement, and of clipping."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from models import tiny_model

from snnc.api.finetuned import Finetuned
from snnc.api.finetuning import _planned
from snnc.api.network import Network
from snnc.api.part import Part
from snnc.api.tuning_samples import validating
from snnc.exporter.finetune.teacher import float_answers_of
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes.discretise import Discretise
from snnc.stages.float_graph import graph_of_chain
from snnc.trainer.tuning import reached


@pytest.mark.parametrize("bits", [8, 4])
def test_agreement_is_with_the_network_that_the_call_begins_from(bits):
    """As the documentation says: for 8 bits, for which it is finished, with the weights that this made."""
    model = tiny_model()
    whole = Discretise().run(model)
    moved = tuple(replace(each, weight=-each.weight, scale=1.0) for each in whole.layers)
    finished = replace(model, quantised={8: moved})
    planned = _planned(Network(finished, "tiny"), ExportOptions(weight_bits=bits), "c")[0]
    wanted = moved if bits == 8 else whole.layers
    for layer, other in zip(planned.layers, wanted, strict=True):
        assert np.array_equal(layer.weight, other.weight)
        assert np.array_equal(layer.delay, other.delay)
    drawn = np.random.default_rng(3).random((40, planned.time_steps, model.inputs)) < 0.3
    samples = drawn.astype(np.uint8)
    counted = validating(Part(samples, np.zeros(40, np.int64), np.arange(40)), planned, 0).answers
    real, other = (
        float_answers_of(graph_of_chain(replace(whole, layers=layers)), samples)
        for layers in (wanted, whole.layers if bits == 8 else moved)
    )
    assert np.array_equal(counted, real)
    assert not np.array_equal(counted, other)


def test_what_clipping_brought_is_told_apart_from_training():
    clipped = Finetuned("c", 2, 3, 48, (0.5, 0.9), (0.4, 0.8), clipped=(0.6, 0.7))
    assert str(clipped).endswith(
        "agreement 50.0 -> 60.0 % clipped -> 90.0 %, accuracy 40.0 -> 70.0 % clipped -> 80.0 % of 48"
    )
    record = clipped.record()
    assert reached(record) == "of 48 samples that validated, 40.0 → 70.0 % clipped → 80.0 % right"
    unlabelled = replace(clipped, accuracy=None, clipped=(0.6, None))
    assert str(unlabelled).endswith("agreement 50.0 -> 60.0 % clipped -> 90.0 % of 48")
    assert reached(unlabelled.record()).endswith(", 50.0 → 60.0 % clipped → 90.0 % as in real numbers")
    alone = replace(clipped, epoch=0)  # all that was reached is the clip's
    assert "% clipped" not in str(alone) + reached(alone.record())
