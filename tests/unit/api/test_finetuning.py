"""The integer finish of a network that snnc did not train, from the call to the exported integers."""

from __future__ import annotations

import inspect
from dataclasses import replace

import numpy as np
import pytest
import torch
from doc_pages import blocks
from finetune_nets import CLASSES, events, network
from float_nets import dense, graph
from models import saved, tiny_model
from order_task import order_task

import snnc
from snnc.api.finetuned import Finetuned
from snnc.api.network import Network
from snnc.cli import main
from snnc.errors import InputError, LimitError, ModelFileError, RangeProofError
from snnc.exporter.passes.discretise import Discretise
from snnc.exporter.passes.quantise import quantise
from snnc.exporter.passes.quantise_graph import quantise_graph
from snnc.stages import FloatPopulation, TrainedModel

BITS = 3
X = events(60)
NET = Network(network(), "net")


def tuned(net=NET, data=X, **options) -> Network:
    usual = {"target": "c", "weight_bits": BITS, "epochs": 2, "learning_rate": 0.02, "verbose": False}
    return snnc.finetune(net, data, **usual | options)


def states(run) -> list[np.ndarray]:
    return [part for name in run for part in (run[name].u, run[name].v, run[name].spikes)]


def test_what_was_trained_is_what_is_exported_bit_for_bit(tmp_path):
    """The bits need not be said again, and the states of training are those of the other executors."""
    found = tuned()
    exported = found.export("c", tmp_path / "net.c")
    assert exported.graph == quantise_graph(found.model, BITS)
    for ours, theirs in zip(states(exported.run(X, "torch")), states(exported.run(X, "hwsim")), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert exported.verify(X, ["oracle", "hwsim"], generated=0, allow_missing=True)


def test_the_network_that_was_given_stays():
    before = network()
    found = tuned()
    assert NET.model == before
    assert NET.finetuned is None
    assert found.model != before
    assert [each.synapses.count for each in found.model.projections] == [
        each.synapses.count for each in before.projections
    ]
    for old, new in zip(before.populations, found.model.populations, strict=True):
        for name in ("keep_u", "keep_v", "threshold", "reset_by"):
            np.testing.assert_array_equal(getattr(old, name), getattr(new, name))


def test_tensors_layouts_and_seeds():
    one = tuned()
    assert tuned(data=torch.tensor(X.swapaxes(0, 1)), layout="TNC").model == one.model
    assert tuned(seed=1).model != one.model


def test_it_says_what_it_reached(capsys):
    found = tuned(verbose=True)
    assert found.finetuned.samples == 12  # a fifth
    assert found.finetuned.accuracy is None
    assert "fine-tuned to 3 bits: agreement" in repr(found)
    assert len(repr(found)) <= 250
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "net: 48 samples train, 12 validate"
    assert told[-1] == repr(found)
    assert "accuracy" in repr(tuned(labels=np.arange(60) % CLASSES))


def test_a_start_that_no_epoch_betters_is_said_to_be_kept():
    found = Finetuned("c", 2, 0, 48, (0.9, 0.9), (0.8, 0.8))
    told = "fine-tuned to 2 bits: agreement 90.0 -> 90.0 %, accuracy 80.0 -> 80.0 % of 48"
    same = told.replace("fine-tuned to", "not changed by fine-tuning to")
    assert str(found) == f"{same}; no epoch was better than the start"
    assert str(replace(found, epoch=3)) == told


def test_a_rate_that_makes_every_epoch_worse_is_to_be_lowered(capsys):
    """Where rounding costs something: the labels are the answers of the network in real numbers."""
    found = tuned(weight_bits=6, epochs=1, learning_rate=1.0, verbose=True)
    assert found.finetuned.epoch == 0
    said = "every epoch had fewer right than the start: lower learning_rate, 1 now, as to 0.2"
    assert found.notes[1:] == (said,)
    assert capsys.readouterr().out.splitlines()[-1] == said
    still = tuned(weight_bits=6, epochs=1, learning_rate=1e-12)
    assert still.finetuned.epoch == 0
    assert still.notes[1:] == (
        "no epoch changed an integer weight: raise learning_rate, 1e-12 now, as to 0.005",
    )


def test_no_lower_rate_is_advised_of_what_cannot_gain_or_is_tuned_already():
    fine = tuned(weight_bits=8, epochs=1, learning_rate=1.0)
    assert fine.finetuned.agreement == (1, 1)
    assert fine.notes[1:] == (
        "the start has 12 of the 12 samples that validate right, and the network in real numbers 12: "
        "fine-tuning has nothing to win back",
    )
    once = tuned(weight_bits=BITS, labels=np.arange(60) % CLASSES, epochs=3)
    assert once.finetuned.changed
    again = tuned(once, weight_bits=BITS, labels=np.arange(60) % CLASSES, epochs=1, learning_rate=1.0)
    assert all("lower learning_rate" not in each for each in again.notes)


def test_the_target_may_have_settings():
    assert tuned(target="fpga:lanes=4", epochs=1, data=X[:20]).finetuned is not None
    with pytest.raises(InputError, match="lanes='3': give 2, 4"):
        tuned(target="fpga:lanes=3")


def test_it_can_go_on():
    assert tuned(tuned()).finetuned.weight_bits == BITS


def test_a_model_of_training_gets_integers_beside_what_they_were_made_of(tmp_path):
    model = tiny_model()
    x = np.random.default_rng(0).random((20, model.time_steps, model.layers[0].weight.shape[1])) < 0.3
    found = tuned(Network(model, "model.pt"), x, weight_bits=4)
    assert isinstance(found.model, TrainedModel)
    found.save(tmp_path / "model.pt")
    again = snnc.load(tmp_path / "model.pt")
    exported = again.export("c", tmp_path / "model.c", weight_bits=4)
    assert exported.graph == quantise(Discretise(4).run(found.model), 4)
    assert exported.graph == found.export("c", tmp_path / "again.c").graph


def test_what_was_reached_is_in_the_model_file(tmp_path, capsys):
    """Its bits are those of the export again."""
    model = tiny_model()
    x = np.random.default_rng(0).random((20, model.time_steps, model.layers[0].weight.shape[1])) < 0.3
    found = tuned(Network(model, "model.pt"), x, weight_bits=4)
    place, plain = tmp_path / "model.pt", tmp_path / "plain"
    plain.mkdir()
    found.save(place)
    again = snnc.load(place)
    assert again.finetuned == found.finetuned
    assert f"; {found.finetuned}" in repr(again)
    assert again.export("c", tmp_path / "4.c").graph == found.export("c", tmp_path / "again.c").graph
    assert snnc.load(saved(model, plain)).finetuned is None
    assert main(["inspect", str(place)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    on = "for c on given samples (16 recordings trained, 4 validated; 2 epochs)"
    kept = "no epoch was better than the start"
    assert f"fine-tuned: integers of 4 bits, not changed {on}: {kept}; export with --weight-bits 4" in told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight_bits": "few"}, r"model\.pt: metrics\.finetuned\.weight_bits.* is 'few'; fine-tune again"),
        ({"samples": None}, r"metrics\.finetuned\.samples is None"),
    ],
)
def test_what_was_reached_is_checked(change, said, tmp_path):
    told = {"target": "c", "weight_bits": 4, "epoch": 1, "samples": 4, "agreement": [0.5, 1.0], **change}
    place = saved(replace(tiny_model(), metrics={"finetuned": told}), tmp_path)
    with pytest.raises(ModelFileError, match=said):
        snnc.load(place)


def test_a_chain_of_another_framework_keeps_its_grids(tmp_path):
    chain = Discretise(None).run(tiny_model())
    x = np.random.default_rng(0).random((20, chain.time_steps, chain.layers[0].weight.shape[1])) < 0.3
    labels = np.arange(20) % len(chain.class_names)
    found = tuned(Network(chain, "net.nir"), x, labels=labels, weight_bits=(4, 8, 5)[: len(chain.layers)])
    assert found.finetuned.changed
    exported = found.export("loihi", tmp_path / "net.loihi")
    assert exported.graph == quantise(found.model, 8)  # on its grids, whatever the bits
    assert all(each.scale is not None for each in found.model.layers)


def test_labels_may_follow_the_samples():
    """As in most libraries that train: finetune(network, x, y)."""
    options = {"target": "c", "weight_bits": BITS, "epochs": 1, "verbose": False}
    labels = np.arange(60) % 3
    names = np.array(network().readouts[0].class_names)[labels]
    assert (
        snnc.finetune(NET, X, names, **options).model
        == tuned(labels=labels, epochs=1, learning_rate=5e-3).model
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"data": X[:4]}, "data: holds 4 samples; give 5 or more"),
        ({"data": X[:, :5]}, "data: sample 0 has 5 steps, the network takes 12; add silent steps"),
        ({"data": X * 2}, "data: sample 0.* holds 2, this network takes 0 and 1; encode it as events$"),
        ({"data": "missing.npz"}, "missing.npz"),
        (
            {"labels": np.zeros(3, int)},
            r"labels are 3 \(int64\), and there are 60 samples; give a whole number",
        ),
        ({"labels": np.full(60, 7)}, r"labels\[0\] is 7; classes are numbered 0..2"),
        ({"data": order_task(), "labels": np.zeros(160, int)}, "labels: the recordings have their own"),
        (
            {"net": Network(tiny_model(), "m"), "data": order_task()},
            "event data 'order' has 6 units, the model reads 5",
        ),
        (
            {"data": snnc.from_arrays(np.zeros((60, 12, 12)), np.arange(60) % 3, dt=0.001)},
            "data: 'arrays' has 12 units, the network takes 6 lines; no event is on the others: say `lines=",
        ),
        (
            {"data": snnc.from_arrays(np.ones((60, 13, 6)), np.arange(60) % 3, dt=0.001)},
            "data: a recording has 13 steps of 0.001 s, the network takes 12; cut it, or read the network",
        ),
        ({"epochs": 0}, "epochs: is 0; give 1 or more"),
        ({"batch_size": 1.5}, "batch_size: is 1.5; give a whole number"),
        ({"learning_rate": 0}, "learning_rate: is 0; give more than 0 and at most 1"),
        ({"weight_bits": 9}, "weight_bits=9: give 2 .. 8"),
        ({"target": "none"}, "none"),
        ({"net": Network(quantise_graph(network()), "n")}, "net: n holds integers"),
        (
            {"net": "model.pt"},
            "net: is .*; give a Network, as from_torch, train, or load of a file returns",
        ),
        (
            {"net": Network(tiny_model(), "m"), "weight_bits": (4, 8)},
            r"weight_bits: is \(4, 8\); give one number for a model",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(options, message):
    with pytest.raises(snnc.SnncError, match=message):
        tuned(**options)


def test_frames_that_take_too_much_memory_are_refused(monkeypatch):
    monkeypatch.setattr("snnc.api.parts.FRAMES_LIMIT", 100)
    data = snnc.from_arrays(X, np.arange(60) % 3, dt=0.001)
    with pytest.raises(
        LimitError, match=r"data: the frames of \d+ recordings take \d+ bytes, the limit is 100"
    ):
        tuned(data=data)


def test_integers_that_may_overflow_are_said_with_what_an_export_answers(tmp_path, capsys):
    """v adds up 3 lines of 127 * 64 times 255 in 5 steps, 31,089,600; of 7 bits 15,422,400, and of 6 bits
    3 * 31 * 64 * 255 * 5, 7,588,800, which it may be. No epoch is kept, and an export needs no
    allow_saturation.
    """
    adds = FloatPopulation("a", "li", 2, keep_u=0.0, keep_v=1.0)
    net = Network(graph(adds, dense([1, 1, 1], [1, 1, -1]), steps=5, payload_max=255), "net", payload_max=255)
    some = np.random.default_rng(0).integers(0, 256, (40, 5, 3)).astype(np.uint8)
    found = tuned(net, some, labels=np.arange(40) % 2, weight_bits=8, learning_rate=0.001, verbose=True)
    assert found.finetuned.epoch == 0
    told = capsys.readouterr().out.splitlines()
    assert any(line.endswith("right, may overflow and is not kept") for line in told)
    assert told[-1] == found.notes[-1]
    assert told[-1].startswith("the integers may overflow, so an export of these bits is refused: a, neuron ")
    assert "pass weight_bits=6, with which it cannot" in told[-1]
    with pytest.raises(RangeProofError) as refused:
        found.export("c", tmp_path / "eight")
    assert told[-1].endswith(f" is refused: {str(refused.value).splitlines()[0]}")
    found.export("c", tmp_path / "six", weight_bits=6)
    with pytest.raises(RangeProofError):
        found.export("c", tmp_path / "seven", weight_bits=7)


def test_an_export_is_as_finetuning_was_or_says_so(tmp_path, capsys):
    found = tuned(whole_bias=True, weight_bits=4, epochs=1)
    assert found.finetuned.whole_bias
    first = found.export("c", tmp_path / "c")
    assert first.graph == found.export("onnx", tmp_path / "whole", whole_bias=True).graph
    assert first.graph != found.export("c", tmp_path / "fine", whole_bias=False).graph
    assert capsys.readouterr().out == ""
    found.export("loihi", tmp_path / "loihi")
    assert capsys.readouterr().out == (
        "loihi has a grid for each population, and the network was fine-tuned for c, which has one for "
        "each neuron: other integers than the fine-tuned ones are exported\n"
    )
    for option, value in (("scale", "mse"), ("power_of_two", True)):
        with pytest.raises(InputError, match=f"net: was fine-tuned on its own grids; leave {option} out, or"):
            found.export("c", tmp_path / "other", **{option: value})


def test_interrupting_keeps_nothing(monkeypatch):
    def stop(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("snnc.exporter.finetune.finish.go_back", stop)
    with pytest.raises(KeyboardInterrupt):
        tuned()
    assert NET.model == network()


def test_the_page_is_followed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (page,) = (block for block in blocks() if block.page == "docs/finetune.md" and block.language == "python")
    names = {}
    exec(compile(page.text, "docs/finetune.md", "exec"), names)
    assert names["exported"].path.exists()
    assert names["tuned"].finetuned.samples == 20
    assert "fine-tuned to 3 bits" in capsys.readouterr().out


def test_options_of_the_export_have_its_names():
    own, export = (inspect.signature(each).parameters for each in (snnc.finetune, Network.export))
    assert {"target", "weight_bits", "whole_bias", "allow_saturation"} <= own.keys() & export.keys()
