"""What a network of another framework began with is measured beside what fine-tuning made of it."""

from __future__ import annotations

import pytest
from finetune_nets import events, network

import snnc
from snnc.report.cost import cost

X = events(60)
QUICK = {"target": "c", "weight_bits": 3, "verbose": False}


def labels():
    """What the network itself takes the samples for, a tenth of them as another class."""
    found = snnc.Network(network(), "net")
    from snnc.exporter.finetune.teacher import float_answers_of

    told = float_answers_of(found.model, X)[:, 0].copy()
    told[::10] = (told[::10] + 1) % 3
    return told


def verified(tuned, folder):
    made = tuned.export("c", folder / "net.c", verbose=False)
    return made.verify(X, ["hwsim"], labels=labels(), generated=0, verbose=False)


@pytest.mark.parametrize(
    ("epochs", "rate", "stage"), [(12, 0.02, "fine-tuned"), (1, 1e-12, "clipped weights")]
)
def test_the_first_stage_is_the_network_before(epochs: int, rate: float, stage: str, tmp_path) -> None:
    tuned = snnc.finetune(
        snnc.Network(network(), "net"), X, labels(), epochs=epochs, learning_rate=rate, **QUICK
    )
    assert tuned.finetuned.changed
    found = verified(tuned, tmp_path)
    assert list(found.accuracy) == ["float", stage, "quantised"]
    assert found.accuracy["float"] == 0.9
    trained = " after fine-tuning" if stage == "fine-tuned" else ""
    assert f"accuracy float 90.0 % -> integers{trained} " in repr(found)
    told = cost(found.report)
    right = round(60 * found.accuracy["quantised"])
    assert f" 90.00 % → {100 * right / 60:.2f} %" in told.answer
    assert f"float to quantised, 60 recordings of {found.report.accuracy[0].split}; " in told.remark
    assert "whole delays" not in told.remark
    page = " ".join(found.path.read_text().split())
    assert "not measured here" not in page


def test_a_second_call_keeps_what_the_first_began_from(tmp_path) -> None:
    given = {"epochs": 4, "learning_rate": 0.05, **QUICK}
    once = snnc.finetune(snnc.Network(network(), "net"), X, labels(), **given)
    twice = snnc.finetune(once, X, labels(), **given)
    assert verified(twice, tmp_path).accuracy["float"] == 0.9


def test_what_fine_tuning_left_as_it_was_has_one_stage_in_real_numbers(tmp_path) -> None:
    begun = snnc.Network(network(), "net")
    still = snnc.finetune(begun, X, labels(), target="c", epochs=1, learning_rate=1e-12, verbose=False)
    assert not still.finetuned.changed
    assert list(verified(still, tmp_path).accuracy) == ["float", "quantised"]
