"""The decoders on the golden vectors of graphs, whose scores and classes were worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from graph_cases import GraphCase
from graph_golden import GRAPH_GOLDEN

from snnc.decoding.decoder import decoders

ANSWERED = [case for case in GRAPH_GOLDEN if case.answers]


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case.name)
def test_golden_scores_and_classes(case: GraphCase) -> None:
    for decoder, expected in zip(decoders(case.graph), case.answers, strict=True):
        record = decoder.record(case.layers)
        close = decoder.tolerance_so_far(record)[..., None]
        assert (np.abs(decoder.scores_so_far(record) - expected.scores) <= close).all()
        assert (np.abs(decoder.scores(record) - expected.scores[:, -1]) <= close[:, -1]).all()
        known = expected.classes >= 0
        assert (decoder.classes_so_far(record) == expected.classes)[known].all()
        assert (decoder.classes(record) == expected.classes[:, -1])[known[:, -1]].all()
        taken = np.where(known, expected.classes, 0)
        assert decoder.allowed_so_far(record, taken)[known].all()


def test_all_decoders_have_answers() -> None:
    found = {readout.decoder for case in ANSWERED for readout in case.graph.readouts}
    assert found == {"softmax", "sum", "max", "last", "count", "first"}
