"""`model.pt` of a network that is no chain: round trip, and files that are refused by name."""

from dataclasses import replace

import pytest
import torch
from trained_graphs import graph, trained

from snnc.errors import ModelFileError
from snnc.stages import FloatPopulation, Readout, TrainedGraph
from snnc.trainer.model_file import load_model, save_model


@pytest.fixture
def file(tmp_path):
    save_model(trained(), tmp_path / "model.pt")
    return tmp_path / "model.pt"


def test_round_trip(file):
    found, wanted = load_model(file), trained()
    assert isinstance(found, TrainedGraph)
    assert found.graph == wanted.graph
    assert found.quantised == wanted.quantised
    assert (found.unit_pool, found.dataset, found.time_steps, found.bin_s) == (2, "own.npz", 20, 0.01)
    assert (found.class_names, found.inputs) == (("no", "yes"), 4)
    assert (dict(found.config), dict(found.metrics)) == ({"epochs": 3}, {"history": [{"loss": 0.5}]})
    assert found.positions["hidden1"]["hidden1"].tolist() == [[1.25] * 3]


def test_a_spiking_readout_has_no_scale(tmp_path):
    spiking = FloatPopulation("readout", "lif", 2, keep_u=0.0, keep_v=0.5, threshold=1.0, reset="zero")
    changed = replace(
        graph(),
        populations=(*graph().populations[:2], spiking),
        readouts=(Readout("readout", "count", None, ("no", "yes")),),
    )
    save_model(TrainedGraph(changed), tmp_path / "model.pt")
    assert load_model(tmp_path / "model.pt").graph == changed


def hidden(content):
    return content["graph"]["populations"][1]


def way(content):
    return content["graph"]["projections"][0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c.pop("graph"), r"missing keys \['graph'\]"),
        (lambda c: c.update(layers=[]), r"unknown keys \['layers'\]"),
        (lambda c: c.update(config=3), "config is not a dict"),
        (lambda c: c.update(graph=3), "graph is a int, expected a dict"),
        (lambda c: c.update(unit_pool=0), "unit_pool is 0"),
        (lambda c: c["graph"].update(populations=3), "populations is not a list of dicts"),
        (lambda c: c["graph"].update(time_steps=1 << 40), "time_steps is 1099511627776"),
        (lambda c: c["graph"].update(bin_s=-1.0), "bin_s is -1.0"),
        (lambda c: hidden(c).update(model="alif"), "model is 'alif'"),
        (lambda c: hidden(c).update(neurons=1 << 40), "neurons is 1099511627776"),
        (lambda c: hidden(c).pop("ka"), "hidden1: ka is missing"),
        (lambda c: hidden(c).update(other=1), r"unknown keys \['other'\]"),
        (lambda c: hidden(c).update(reset=7), "reset is a int, expected text"),
        (lambda c: hidden(c).update(ka=0.5), "hidden1: ka is float, expected a float64 tensor"),
        (lambda c: hidden(c).update(ka=torch.zeros(4, dtype=torch.float64)), r"ka has shape \(4,\)"),
        (lambda c: hidden(c).update(keep_v=torch.full((3,), 1.5, dtype=torch.float64)), "keep_v is 1.5"),
        (lambda c: way(c).update(source="nobody"), "there is no population 'nobody'"),
        (lambda c: way(c).update(weight=torch.zeros(3, 4)), "weight is float32"),
        (lambda c: way(c).update(delay=torch.full((3, 4), -1, dtype=torch.int32)), "a delay is -1"),
        (lambda c: way(c).update(weight=torch.zeros(3, 5, dtype=torch.float64)), "shape"),
        (lambda c: c["graph"]["readout"].update(decoder="guess"), "decoder is 'guess'"),
        (lambda c: c["graph"]["readout"].update(class_names="ny"), "class_names is not a list of texts"),
        (lambda c: c["graph"]["readout"].update(scale=float("nan")), "scale is nan"),
        (lambda c: c["positions"][0].update(source="readout"), "there is no such projection"),
        (lambda c: c["positions"].append(c["positions"][0]), "are given twice"),
        (lambda c: c["positions"][0].update(delay=torch.zeros(2, 2)), "have the shape"),
        (lambda c: c["quantised"].append(c["quantised"][0]), "two networks of 8 bits"),
        (lambda c: c["quantised"][0].update(bits=9), "weights of 9 bits"),
        (lambda c: c["quantised"][0]["graph"].update(time_steps=3), "other populations or projections"),
    ],
)
def test_inconsistent_content_is_named(file, change, words):
    content = torch.load(file, weights_only=True)
    change(content)
    torch.save(content, file)
    with pytest.raises(ModelFileError, match=words) as error:
        load_model(file)
    assert str(error.value).startswith(str(file))


def test_export_takes_what_training_finished_for_these_bits():
    made = trained()
    assert made.of_bits(8) is made.quantised[8]
    assert made.of_bits((8, 8)) is made.quantised[8]
    assert made.of_bits(4) is made.graph
    assert made.of_bits((8, 4)) is made.graph
