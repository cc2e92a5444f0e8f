"""What the error of `--max-drop` says to do, the surest first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from models import tiny_model

from snnc.api.words import python_words
from snnc.errors import LimitError
from snnc.exporter.calibration import Calibration, RecordedLoss
from snnc.exporter.no_bits import Refused
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Discretise
from snnc.exporter.passes.base import Plan
from snnc.exporter.plan import plan_export, search_bits
from snnc.stages import QuantizedGraph
from snnc.stages.losses import BitsCandidate
from snnc.targets.registry import target_of


def recordings(count: int, split: str = "validation") -> Calibration:
    return Calibration(split, 999, np.zeros((count, 1, 1), np.uint8), np.zeros(count, np.int64))


def told(correct: int, max_drop: float, split: str = "validation") -> str:
    """What is said where 200 of 200 are right before 8 bits, and `correct` with these."""
    tried = [BitsCandidate((8,), correct, (1,), (1,))]
    return Refused(tried, max_drop, 200, recordings(200, split)).text("", "train")


def test_more_recordings_are_asked_for_where_they_are_too_few_alone() -> None:
    """1 of 200 is half a point: a drop of 0.4 points needs 250 recordings, one of 0 points no more."""
    assert told(199, 0.4).endswith(
        "(8-bit weights; 1 of 200 is 0.5 points, so none may be lost); choose on at least 250 "
        "validation recordings, which can tell so small a loss: train with more for validation "
        "(validation_speakers), or give a --dataset whose validation part has at least 250; that part alone "
        "is taken, as in training, by default a tenth; or train; or allow --max-drop 0.50"
    )
    assert "); choose on at least 250 recordings of --dataset, which can" in told(199, 0.4, "given")
    for exact in (0.0, 1e-308, 0.5):
        assert told(198, exact).endswith("with integers (8-bit weights); train; or allow --max-drop 1.00")
    # 20 lost: no count of recordings makes that less
    assert told(180, 0.4).endswith("none may be lost); train; or allow --max-drop 10.00")


AGAIN = "--set quantise_epochs=6"
"""Twice the usual three."""
TWO = "train for 2 bits (--set 'weight_bits=[2]' --set quantise_epochs=3)"


@pytest.mark.parametrize(
    ("bits", "options", "config", "remedy"),
    [
        (2, {}, {}, TWO),
        (2, {"scale": "mse"}, {}, f"{TWO} and leave out --scale then, which rounds all anew"),
        (8, {}, {}, f"train longer in these bits ({AGAIN})"),
        (8, {}, {"quantise_epochs": 5}, "train longer in these bits (--set quantise_epochs=10)"),
        (
            8,
            {"scale": "mse"},
            {},
            f"train longer in these bits ({AGAIN}) and leave out --scale then, which rounds all anew",
        ),
        (
            4,
            {},
            {"weights": "fixed"},
            "fine-tune for 4 bits (in Python, snnc.finetune with weight_bits=4)",
        ),
    ],
)
def test_the_remedy_is_of_the_bits_that_are_asked_for(bits, options, config, remedy) -> None:
    """Of a model that was trained for 8 bits, and of which integers decode nothing right."""
    plan = planned(ExportOptions(weight_bits=bits, max_drop=25.0, **options), lambda graph: 0, config)
    with pytest.raises(LimitError) as error:
        search_bits(plan)
    assert str(error.value).endswith(f"-bit weights); {remedy}; or allow --max-drop 100.00")
    with pytest.raises(LimitError) as error, python_words():
        search_bits(plan)
    if bits == 2:
        assert "); train for 2 bits (weight_bits=[2], quantise_epochs=3)" in str(error.value)
    assert "--" not in str(error.value)


@pytest.mark.parametrize(
    ("options", "enough", "remedy", "in_python"),
    [
        (
            {"weight_bits": 2},
            lambda graph: abs(graph.layers[0].weight).max() > 7,  # of 5 bits
            "leave out --weight-bits 2, or give 5, which loses no more than that; or train for 2 bits",
            "leave out weight_bits=2, or give 5, which",
        ),
        (
            {"prune": 0.5},
            lambda graph: np.count_nonzero(graph.layers[0].weight) > 13,
            "leave out --prune, without which 8 bits lose no more than that; or train longer",
            "leave out prune, without which",
        ),
    ],
)
def test_an_option_that_limits_the_bits_is_named_where_it_is_why(options, enough, remedy, in_python) -> None:
    asked = ExportOptions(**{"max_drop": 25.0, **options})
    plan = planned(asked, lambda graph: 4 if enough(graph) else 0, {})
    with pytest.raises(LimitError) as error:
        search_bits(plan)
    assert f"-bit weights); {remedy}" in str(error.value)
    with pytest.raises(LimitError) as error, python_words():
        search_bits(plan)
    assert f"-bit weights); {in_python}" in str(error.value)


def test_bits_that_give_no_network_are_answered_with_those_that_do() -> None:
    def right(graph: QuantizedGraph) -> int:
        if abs(graph.layers[0].weight).max() <= 7:
            raise LimitError("too much for 4 bits")
        return 4

    with pytest.raises(LimitError) as error:
        search_bits(planned(ExportOptions(weight_bits=3, max_drop=0.0), right, {}))
    assert str(error.value) == (
        "--max-drop 0: leave out --weight-bits 3, or give 5, which loses no more than that; no number of "
        "bits up to 3 gives a network: too much for 4 bits"
    )


def planned(asked: ExportOptions, right, config) -> Plan:
    """Of a model that was trained for 8 bits; `right`: how many of 4 recordings a graph decodes right."""

    class Fake(Calibration):
        def measure(self, graph: QuantizedGraph) -> RecordedLoss:
            return RecordedLoss(right(graph), 0.0)

    trained = tiny_model()
    rounded = Discretise().run(trained).layers
    layers = [replace(each, weight=np.round(64 * each.weight) / 64, scale=64.0) for each in rounded]
    settings = {**trained.config, "weight_bits": [8], **config}
    model = replace(trained, config=settings, quantised={8: layers})
    spikes = np.zeros((4, model.time_steps, 5), np.uint8)
    data = Fake("validation", 4, spikes, np.zeros(4, np.int64))
    return replace(plan_export(model, asked, target_of("c"), data), reference=4)
