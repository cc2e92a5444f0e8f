"""The models of the ablation: what stays fixed stays, masks are exact, and each goes all the way."""

from pathlib import Path

import numpy as np
import pytest
import torch
from order_task import config, order_task, own_run
from torch.nn.functional import cross_entropy as torch_cross_entropy

from snnc.cli import main
from snnc.errors import ConfigError
from snnc.exporter.artifact import read_artifact
from snnc.stages import TrainedModel
from snnc.trainer import variants
from snnc.trainer.data import load
from snnc.trainer.loop import train
from snnc.trainer.loss import cross_entropy
from snnc.trainer.model_file import load_model

pytestmark = pytest.mark.slow

VARIANTS: dict[str, dict[str, object]] = {
    "decreasing": {},
    "constant": {"sigma_schedule": "constant"},
    "fixed-delays": {"delays": "fixed"},
    "fixed-weights": {"weights": "fixed"},
    "no-delays": {"delays": "none", "equal_parameters": True},
}


def trained(**changes: object) -> TrainedModel:
    return train(config(epochs=2, finetune_epochs=1, **changes), data=order_task(40))


def start(**changes: object) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights and positions of the layers as they are drawn."""
    chosen = config(epochs=2, finetune_epochs=1, **changes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(chosen.seed)
        network = variants.build(chosen, 6, 2)
    return [(c.weight.detach().numpy(), c.position.detach().numpy()) for c in network.connections]


@pytest.mark.parametrize("synapses", [None, 3])
@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_goes_all_the_way(tmp_path: Path, name: str, synapses: int | None) -> None:
    mine = own_run(tmp_path, epochs=2, finetune_epochs=1, **VARIANTS[name], synapses_per_neuron=synapses)
    model, artifact = tmp_path / "model.pt", tmp_path / "model.loihi"
    assert main(["train", str(mine), "-o", str(model)]) == 0
    assert main(["export", str(model), "-o", str(artifact)]) == 0
    assert (
        main(["verify", str(artifact), "--samples", "5", "--generated", "0", "--executors", "oracle,hwsim"])
        == 0
    )
    for layer, exported in zip(load_model(model).layers, read_artifact(artifact).graph.layers, strict=True):
        assert not exported.weight[layer.weight == 0].any()
        if synapses is not None:
            assert ((layer.weight != 0).sum(axis=1) == synapses).all()
        if name == "no-delays":
            assert not exported.delay.any()


def test_masked_weights_are_zero_from_start_to_end() -> None:
    changes = {"synapses_per_neuron": 3, "weight_decay": 0.1}
    model, other = trained(**changes), trained(**changes, seed=2)
    assert model.gaussian is not None
    for (drawn, position), learned, final in zip(start(**changes), model.gaussian, model.layers, strict=True):
        mask = drawn != 0
        assert (mask.sum(axis=1) == 3).all()
        for layer in (learned, final):
            np.testing.assert_array_equal(layer.weight != 0, mask)
        assert np.array_equal(learned.position[~mask], position[~mask])
        assert (learned.position[mask] != position[mask]).mean() > 0.3  # a silent neuron moves no delay
        assert (learned.weight[mask] != drawn[mask]).all()
    first, second = model.layers[0].weight != 0, other.layers[0].weight != 0
    assert not np.array_equal(first, second)  # the mask is the seed's


def test_the_drawn_weights_have_the_scale_of_their_fan_in() -> None:
    chosen = config(hidden=[500], synapses_per_neuron=10)
    weight = variants.build(chosen, 140, 2).connections[0].weight.detach().numpy()
    # Kaiming uniform for rectifiers: +- sqrt(6 / fan-in).
    assert np.abs(weight).max() == pytest.approx(np.sqrt(6 / 10), rel=1e-2)
    assert np.abs(weight).max() <= np.sqrt(6 / 10)


def test_fixed_delays_do_not_move() -> None:
    model = trained(delays="fixed", lr_positions=1.0)
    assert model.gaussian is not None
    for (drawn, position), learned, final in zip(
        start(delays="fixed"), model.gaussian, model.layers, strict=True
    ):
        assert np.array_equal(position, np.rint(position))
        assert len(np.unique(position)) > 3
        assert np.array_equal(learned.position, position)
        assert np.array_equal(final.position, position)
        assert (final.weight != drawn).any()
    assert {epoch["sigma"] for epoch in model.metrics["history"]} == {0.0}


def test_fixed_weights_do_not_move() -> None:
    model = trained(weights="fixed", weight_decay=0.1)
    assert model.gaussian is not None
    for (drawn, position), learned, final in zip(
        start(weights="fixed"), model.gaussian, model.layers, strict=True
    ):
        assert np.array_equal(learned.weight, drawn)
        assert np.array_equal(final.weight, drawn)
        assert (learned.position != position).mean() > 0.3


@pytest.mark.parametrize(
    ("changes", "phases"),
    [
        ({"weights": "fixed"}, ["gaussian", "gaussian", "rounded"]),  # batch norm is fine-tuned
        ({"weights": "fixed", "batch_norm": False}, ["gaussian", "gaussian"]),
        ({"batch_norm": False}, ["gaussian", "gaussian", "rounded", "int8"]),
    ],
)
def test_phases_with_nothing_to_train_have_no_epochs(changes: dict[str, object], phases: list[str]) -> None:
    chosen = config(epochs=2, finetune_epochs=1, quantise_epochs=1, **changes)
    assert chosen.rounded_epochs == phases.count("rounded")
    assert chosen.integer_epochs == phases.count("int8")
    model = train(chosen, data=order_task(40))
    assert [epoch["phase"] for epoch in model.metrics["history"]] == phases
    # Delays are made whole, and the network is put into integers, all the same.
    assert all(np.array_equal(layer.position, np.rint(layer.position)) for layer in model.layers)
    assert set(model.quantised) == {8}


def test_constant_sigma() -> None:
    history = trained(sigma_schedule="constant", sigma_final=0.7).metrics["history"]
    assert [epoch["sigma"] for epoch in history] == [0.7, 0.7, 0.0, 0.0]
    assert [epoch["phase"] for epoch in history] == ["gaussian", "gaussian", "rounded", "int8"]
    assert any(epoch["best"] for epoch in history[:1])  # no epoch waits for a narrower kernel


@pytest.mark.parametrize(
    ("changes", "inputs", "classes", "wanted", "hidden"),
    [
        # Ten synapses, weight and delay each, and batch norm: 22 a hidden neuron, 20 a class: 22 * 32 + 400
        # = 1104. Without delays 12 a hidden neuron and 10 a class: 12 h + 200, nearest at 75.
        ({"hidden": [32], "synapses_per_neuron": 10}, 140, 20, (1100, 1104), (75,)),
        # All inputs: 32 (140 + 20) 2 + 64 = 10304; without delays 162 h, nearest at 64 (63.6).
        ({"hidden": [32]}, 140, 20, (10368, 10304), (64,)),
        # No batch norm, two layers: 2 (6 * 8 + 8 * 4 + 4 * 2) = 176. 13 to 6 gives 168, 14 to 7 is
        # too many; one more in the last layer is 15 more: 183, nearer than 168.
        ({"hidden": [8, 4], "batch_norm": False}, 6, 2, (183, 176), (13, 7)),
    ],
)
def test_equal_parameters(
    changes: dict[str, object], inputs: int, classes: int, wanted: tuple[int, int], hidden: tuple[int, ...]
) -> None:
    chosen = config(**changes, delays="none", equal_parameters=True)
    count, reference = wanted
    assert variants.parameters(chosen, inputs, classes) == count
    assert variants.with_learned_delays(chosen, inputs, classes) == reference
    assert variants.parameters(config(**changes), inputs, classes) == reference
    assert variants.widths(chosen, inputs, classes) == hidden
    network = variants.build(chosen, inputs, classes)
    assert tuple(len(c.weight) for c in network.connections) == (*hidden, classes)
    norms = sum(p.numel() for layer in network.hidden if layer.norm for p in layer.norm.parameters())
    assert sum(int((c.weight != 0).sum()) for c in network.connections) + norms == count


@pytest.mark.parametrize(
    ("changes", "width", "count"),
    [
        # With learned delays of all synapses, 160 a hidden neuron: 32 * 160 * 2 + 64 = 10304.
        # Recurrent: 160 h + h^2 + h delays + 2 h of batch norm; h = 48: 10128, h = 49: 10388.
        ({"recurrence": "axon", "delays_of": "none"}, 49, 10388),
        # 160 h + 2 h^2 + 2 h: h = 42: 10332.
        ({"recurrence": "synapse", "delays_of": "none"}, 42, 10332),
        # Delays of one step: 160 h + h^2 + 2 h, h = 49: 10339.
        ({"recurrence": "axon", "delays": "none"}, 49, 10339),
    ],
)
def test_equal_parameters_of_recurrent_networks(changes: dict[str, str], width: int, count: int) -> None:
    chosen = config(hidden=[32], equal_parameters=True, **changes)
    assert variants.widths(chosen, 140, 20) == (width,)
    network = variants.build(chosen, 140, 20)
    assert variants.parameter_counts(chosen, 140, 20, network)["trained"] == count
    # A layer that is too wide becomes narrower: 160 * 512 * 2 + 1024 = 164864; 333^2 + 163 * 333 = 165168.
    wide = config(hidden=[512], equal_parameters=True, recurrence="axon", delays_of="none")
    assert variants.widths(wide, 140, 20) == (333,)


def test_the_metrics_say_how_many_parameters() -> None:
    # 6 inputs, 10 hidden, 2 classes: 80 synapses and 20 of batch norm.
    assert trained().metrics["parameters"] == {"trained": 180, "with_learned_delays": 180}
    assert trained(delays="fixed").metrics["parameters"] == {"trained": 100, "with_learned_delays": 180}
    assert trained(weights="fixed").metrics["parameters"]["trained"] == 100


def test_an_interrupted_sparse_run_resumes_to_the_same_model(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(metrics: object) -> None:
        raise Stop

    chosen, data, file = config(epochs=3, synapses_per_neuron=3), order_task(40), tmp_path / "run.checkpoint"
    with pytest.raises(Stop):
        train(chosen, data=data, checkpoint=file, progress=stop)
    resumed, whole = train(chosen, data=data, checkpoint=file, resume=True), train(chosen, data=data)
    for a, b in zip(resumed.layers, whole.layers, strict=True):
        assert np.array_equal(a.weight, b.weight)
        assert np.array_equal(a.position, b.position)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"delays": "none", "weights": "fixed"}, "learn one of them"),
        ({"equal_parameters": True}, "equal_parameters is for delays = 'none', not 'learned'"),
        ({"synapses_per_neuron": 0}, "synapses_per_neuron = 0"),
        ({"loss": "last"}, "loss = 'last'"),
    ],
)
def test_impossible_variants(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        config(**changes)


def test_too_many_synapses_for_a_layer() -> None:
    with pytest.raises(ConfigError, match=r"synapses_per_neuron = 7: layer 1 has 6 inputs; lower it"):
        trained(synapses_per_neuron=7)


def test_loss_variants() -> None:
    potential = torch.tensor([[[1.0, 2.0]], [[3.0, -2.0]]], requires_grad=True)  # [T, B, classes]
    label = torch.tensor([1])
    mean, largest = torch.tensor([[2.0, 0.0]]), torch.tensor([[3.0, 2.0]])
    assert cross_entropy(potential, label, "mean").item() == pytest.approx(np.log1p(np.exp(2.0)))
    assert cross_entropy(potential, label, "max").item() == pytest.approx(np.log1p(np.exp(1.0)))
    assert cross_entropy(potential, label, "mean") == torch_cross_entropy(mean, label)
    assert cross_entropy(potential, label, "max") == torch_cross_entropy(largest, label)
    losses = [trained(loss=name).metrics["history"][0]["loss"] for name in ("sum", "mean", "max")]
    assert len(set(losses)) == 3


def test_the_order_task_is_as_described() -> None:
    data = load("order")
    assert data.sha256() == load("order").sha256()
    assert (len(data), data.unit_count, len(data.class_names)) == (3000, 140, 20)
    assert data.held_out == ((6, 7), (8, 9))
    counts = np.array([np.bincount(data.labels[data.speaker == s], minlength=20) for s in range(10)])
    assert (counts == 15).all()
    events = np.diff(data.offsets)
    # 140 spikes less 20-40 %, and noise in 1 % of 140 x 37 bins: 98 + 52 = 150 in the mean.
    assert events.mean() == pytest.approx(150, abs=1)
    # The mean time of each group, relative to the recording's, gives the order away; its rate does not.
    group = data.units // 10
    recording = np.repeat(np.arange(3000), events)
    spikes = np.zeros((3000, 14))
    np.add.at(spikes, (recording, group), 1)
    time = np.zeros((3000, 14))
    np.add.at(time, (recording, group), data.times.astype(float))
    time = time / spikes - (time.sum(1) / spikes.sum(1))[:, None]
    train, test = data.speaker < 6, data.speaker >= 8

    def accuracy(features: np.ndarray) -> float:
        centre = np.stack([features[train & (data.labels == c)].mean(0) for c in range(20)])
        found = ((features[test][:, None] - centre) ** 2).sum(2).argmin(1)
        return float((found == data.labels[test]).mean())

    assert accuracy(time) > 0.99
    assert accuracy(spikes) < 0.1  # chance is 0.05


def test_the_order_probe_by_name() -> None:
    probe, digits = load("digits-order-probe"), load("digits")
    assert len(probe) == 2 * len(digits)
    assert len(probe.class_names) == 40
    assert probe.held_out == digits.held_out
