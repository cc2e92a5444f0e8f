"""`network.net` and lava-dl's netx: what it holds, and that its loader computes what the contract says."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import h5py
import numpy as np
import pytest
from golden import GOLDEN, GoldenCase, assert_same_trace
from loihi_artifacts import chain, emitted, layer, random_chain, random_input, with_program
from models import saved, tiny_model

from snnc.cli import main
from snnc.errors import LimitError
from snnc.exporter.artifact import read_artifact
from snnc.exporter.passes.whole_bias import WholeBias
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import QuantizedGraph
from snnc.targets.loihi.emitter import NETX_SCRIPTS
from snnc.targets.loihi.executor import NetxExecutor
from snnc.targets.loihi.netx import netx_file, unsupported_reason

HELD = [
    case
    for case in GOLDEN
    if unsupported_reason(case.graph) is None
    and len(case.graph.layers) > 1
    and case.graph.layers[0].decay_u > 0
]


class StockNetxExecutor(NetxExecutor):
    """Nothing but lava-dl and Lava."""

    model = "stock"


# --- the file


def test_the_file_says_what_the_loader_reads() -> None:
    graph = chain(
        layer([[5, -2]], [[3, 0]], name="a", bias_mant=[2], bias_exp=7, threshold=9, decay_u=100, decay_v=7),
        layer([[1], [3]], name="b"),
        time_steps=2,
    )
    with h5py.File(io.BytesIO(netx_file(graph))) as file:
        first, last = file["layer/0"], file["layer/1"]
        assert first["type"][()] == b"dense"
        assert first["shape"][()].tolist() == [1]
        assert first["weight"][()].tolist() == [[5, -2]]
        assert first["delay"][()].tolist() == [[3, 0]]
        assert first["bias"][()].tolist() == [4]  # 2 << 7 = 256 = 4 << 6
        neuron = {name: value[()] for name, value in first["neuron"].items()}
        assert neuron == {"type": b"CUBA", "iDecay": 100, "vDecay": 7, "vThMant": 9, "refDelay": 1}
        assert last["neuron/vThMant"][()] == 131072  # never exceeded: the readout does not spike
    assert netx_file(graph) == netx_file(graph)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"weight": [[1]], "bias_mant": [65]}, "fc, neuron 0: the bias is 65, netx holds multiples of 64"),
        ({"weight": [[1]], "bias_mant": [4095], "bias_exp": 7}, "a bias exceeds its mantissa"),
        ({"weight": [[0, 0]]}, "has no synapse"),
        ({"weight": [[-3, -64]]}, "no weight is above 0 and the least is -64"),
        ({"weight": [[0, -1]]}, "no weight is above 0 and the least is -1"),
        ({"weight": [[1, -64]]}, None),
        ({"weight": [[0, -63]]}, None),
        ({"weight": [[0, 64]], "bias_mant": [-3], "bias_exp": 6}, None),
    ],
)
def test_what_netx_does_not_hold_is_not_written(fields: dict, why: str | None, tmp_path: Path) -> None:
    artifact = emitted(chain(layer(name="fc", **fields), time_steps=2), tmp_path)
    found = NetxExecutor().unsupported_reason(artifact)
    assert (tmp_path / "network.net").exists() == (tmp_path / "run_netx.py").exists() == (why is None)
    assert found is None if why is None else why in str(found)


# --- whole biases


def test_biases_go_to_the_nearest_weight_step() -> None:
    graph = chain(layer([[1]] * 5, bias_mant=[31, 33, 96, -33, 160]), time_steps=1)
    rounded = WholeBias(wanted=True).run(graph).layers[0]
    assert rounded.bias.tolist() == [0, 64, 128, -64, 128]  # 96 and 160 lie half-way: to the even 2
    assert rounded.bias_exp == 6
    assert WholeBias(wanted=False).run(graph) is graph


def test_a_bias_that_the_mantissa_does_not_hold_is_refused() -> None:
    graph = chain(layer([[1], [1]], bias_mant=[0, 2048], bias_exp=7), time_steps=1)
    with pytest.raises(LimitError, match=r"neuron 1: the bias of 262144 is 4096 weight steps"):
        WholeBias(wanted=True).run(graph)


def test_the_command_line_makes_and_explains_it(tmp_path: Path, refused, capsys) -> None:
    model = saved(tiny_model(), tmp_path)
    fine, whole = tmp_path / "fine.loihi", tmp_path / "whole.loihi"
    assert main(["export", str(model), "-o", str(fine)]) == 0
    assert main(["export", str(model), "-o", str(whole), "--whole-bias"]) == 0
    assert all((layer.bias % 64 == 0).all() for layer in read_artifact(whole).graph.layers)
    record = {row["name"]: row["changes"] for row in read_artifact(whole).manifest["provenance"]["passes"]}
    assert record["whole_bias"]["biases_rounded"] > 0
    assert 0 < record["whole_bias"]["largest_bias_change_steps"] <= 0.5
    said = refused("verify", fine, "--dataset", "none", "--executors", "netx")
    assert "export with --whole-bias" in said


# --- in Lava


@pytest.mark.lava
@pytest.mark.parametrize("case", HELD, ids=lambda case: case.name)
def test_golden_vector(case: GoldenCase, tmp_path: Path) -> None:
    assert_same_trace(NetxExecutor().run(emitted(case.graph, tmp_path), case.input), case.layers)


def every_sign() -> QuantizedGraph:
    """The loader goes by the signs of a matrix: excitatory, mixed, small, even, inhibitory, and with gaps."""
    ranges = [(0, 127), (-128, 127), (-2, 3), (-50, 60), (-127, -1), (-100, 0)]
    graph = random_chain(
        1,
        (9, 12, 12, 12, 12, 8, 4),
        time_steps=30,
        max_delay=62,
        bias=60,
        bias_exp=6,
        decay_v=300,
        threshold=90,
    )
    rng, layers = np.random.default_rng(0), []
    for index, (one, (low, high)) in enumerate(zip(graph.layers, ranges, strict=True)):
        weight = rng.integers(low, high + 1, one.weight.shape)
        layers.append(dataclasses.replace(one, weight=2 * weight if index == 3 else weight))
    return graph.with_layers(layers)


NETWORKS = {
    "every sign": every_sign(),
    "payloads": random_chain(7, (9, 8, 4), time_steps=20, max_delay=62, bias=60, bias_exp=6).changed(
        payload_max=5
    ),
    "lasting current": random_chain(8, (6, 9, 5), time_steps=20, max_delay=9, decay_u=500, decay_v=4096),
}


@pytest.mark.lava
@pytest.mark.parametrize(
    ("name", "executor"),
    [
        *((name, StockNetxExecutor) for name in NETWORKS),
        ("every sign", NetxExecutor),
        ("payloads", NetxExecutor),
    ],
)
def test_network_equals_the_oracle(name: str, executor: type[NetxExecutor], tmp_path: Path) -> None:
    graph = NETWORKS[name]
    artifact, spikes = emitted(graph, tmp_path), random_input(graph, 3) * np.uint8(graph.payload_max)
    expected = OracleExecutor().run(artifact, spikes)
    assert all(layer.spikes.any() for layer in expected.layers[:-1])
    assert_same_trace(executor().run(artifact, spikes), expected.layers)


@pytest.mark.lava
def test_a_matrix_that_is_refused_would_come_out_wrong(tmp_path: Path) -> None:
    """Else the refusal would be needless: netx makes -256 of -64, Lava's clip -255, and truncation 0."""
    graph = chain(layer([[-64, -64]]), time_steps=1)
    assert unsupported_reason(graph) is not None
    artifact = emitted(graph, tmp_path / "refused")
    held = emitted(chain(layer([[1, 1]]), time_steps=1), tmp_path / "held")
    scripts = {script: held.program[script] for script in NETX_SCRIPTS}
    artifact = with_program(artifact, {**scripts, "network.net": netx_file(graph)})
    found = StockNetxExecutor().run(artifact, np.ones((1, 1, 2), np.uint8))
    assert found.layers[0].u.tolist() != [[[-128 * 64]]]
