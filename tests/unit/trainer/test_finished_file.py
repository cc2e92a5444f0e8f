"""A model file holds the networks in integers that training finished; a damaged one is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from order_task import graph_of

from snnc.errors import ModelFileError
from snnc.stages import TrainedModel
from snnc.trainer.model_file import load_model, save_model


def test_a_model_file_keeps_the_integers(finished: TrainedModel, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    save_model(finished, path)
    loaded = load_model(path)
    assert list(loaded.quantised) == [4, 8]
    for bits, layers in finished.quantised.items():
        for before, after in zip(layers, loaded.quantised[bits], strict=True):
            for field in ("weight", "delay", "bias"):
                assert np.array_equal(getattr(before, field), getattr(after, field)), field
            numbers = [(layer.name, layer.tau, layer.threshold, layer.scale) for layer in (before, after)]
            assert numbers[0] == numbers[1]
        for before, after in zip(graph_of(finished, bits).layers, graph_of(loaded, bits).layers, strict=True):
            for field in ("weight", "delay", "bias_mant"):
                assert getattr(before, field).tobytes() == getattr(after, field).tobytes(), field
            assert (before.bias_exp, before.threshold) == (after.bias_exp, after.threshold)
    stored = torch.load(path, weights_only=True)["quantised"]
    for network in stored:
        for layer, chip in zip(network["layers"], graph_of(finished, network["bits"]).layers, strict=True):
            assert layer["weight"].dtype == torch.int8
            assert layer["weight"].tolist() == chip.weight.tolist()
    save_model(loaded, tmp_path / "again.pt")
    for before, after in zip(
        stored, torch.load(tmp_path / "again.pt", weights_only=True)["quantised"], strict=True
    ):
        assert str(before) == str(after)


def first(content: dict[str, Any]) -> dict[str, Any]:
    """The hidden layer of 4 bits."""
    layer: dict[str, Any] = content["quantised"][0]["layers"][0]
    return layer


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c.update(quantised=None), "quantised is not a list of dicts"),
        (lambda c: c.update(quantised=[4]), "quantised is not a list of dicts"),
        (lambda c: c["quantised"][0].pop("bits"), r"quantised: missing keys \['bits'\]"),
        (lambda c: c["quantised"][0].update(bits=9), "weights of 9 bits, expected 2 .. 8"),
        (lambda c: c["quantised"][0].update(bits=1), "weights of 1 bits, expected 2 .. 8"),
        (lambda c: c["quantised"][0].update(bits=4.0), "bits is 4.0, expected an integer"),
        (lambda c: c["quantised"][0].update(bits=8), "two networks of 8 bits"),
        (lambda c: c["quantised"][0].update(layers={}), "layers is not a list of dicts"),
        (lambda c: c["quantised"][0].update(layers=[]), "has no layers"),
        (lambda c: c["quantised"][0]["layers"].pop(), "hidden1: the readout must not spike"),
        (lambda c: c["quantised"][0]["layers"].reverse(), "hidden1: reads 6 inputs, but readout has 2"),
        (
            lambda c: c["quantised"][0]["layers"][1].update(threshold=1.0),
            "readout: the readout must not spike",
        ),
        (lambda c: first(c).pop("scale"), r"missing keys \['scale'\]"),
        (lambda c: first(c).update(extra=1), r"unknown keys \['extra'\]"),
        (lambda c: first(c).update(name="other"), "4-bit network has the layers .*other"),
        (lambda c: first(c).update(weight=torch.zeros(10, 6)), "weight is float32"),
        (lambda c: first(c).update(weight=torch.zeros(60, dtype=torch.int8)), "weight is int8"),
        (lambda c: first(c).update(weight=torch.zeros(9, 6, dtype=torch.int8)), "delay: shape"),
        (lambda c: first(c)["weight"].fill_(100), r"hidden1: a weight is 100, 4 bits hold -7\.\.7"),
        (lambda c: first(c)["weight"].fill_(-8), r"hidden1: a weight is 8, 4 bits hold -7\.\.7"),
        (lambda c: first(c).update(scale=0.0), "scale is 0.0"),
        (lambda c: first(c).update(scale=-1.0), "scale is -1.0"),
        (lambda c: first(c).update(scale=float("nan")), "scale is nan"),
        (lambda c: first(c).update(scale=None), "scale is None"),
        (lambda c: first(c).update(delay=torch.zeros(10, 6, dtype=torch.int64)), "delay is int64"),
        (lambda c: first(c)["delay"].fill_(-1), "a delay is negative"),
        (lambda c: first(c).update(bias=torch.zeros(10)), "bias is float32"),
        (lambda c: first(c).update(bias=torch.zeros(9, dtype=torch.float64)), "bias: shape"),
        (lambda c: first(c)["bias"].fill_(float("inf")), "bias: holds NaN or infinity"),
        (lambda c: first(c).update(tau=0.0), "tau is 0.0 steps"),
        (lambda c: first(c).update(tau=0.5), "tau is 0.5 steps"),
        (lambda c: first(c).update(threshold=-1.0), "threshold is -1.0"),
        (lambda c: first(c).update(threshold=None), "only the readout"),
    ],
)
def test_a_damaged_network_in_integers_is_refused(
    finished: TrainedModel, tmp_path: Path, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    path = tmp_path / "model.pt"
    save_model(finished, path)
    content = torch.load(path, weights_only=True)
    change(content)
    torch.save(content, path)
    with pytest.raises(ModelFileError, match=words) as error:
        load_model(path)
    assert str(error.value).startswith(str(path))
