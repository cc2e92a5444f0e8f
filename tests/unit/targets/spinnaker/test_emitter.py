"""What is written of a network for PyNN, and what is refused."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from importlib.resources import files
from math import log
from pathlib import Path

import numpy as np
import pytest
from graph_cases import adlif, li, lif, listed, readout, source
from models import saved, tiny_model

from snnc.cli import main
from snnc.errors import LimitError
from snnc.stages import Population, Projection, QuantizedGraph
from snnc.targets.spinnaker.emitter import BOARD_LOCK, LOCK, NETWORK, SCRIPTS, fitting_levels
from snnc.targets.spinnaker.network import pack
from snnc.targets.spinnaker.target import LIMITS


def cell(**others: object) -> Population:
    return lif("h", 2, **{"decay_u": 4096, "decay_v": [1024, 4096], "threshold": [10, 0], **others})


def graph(
    hidden: Population | None = None, *, weight: int = 4, exp: int = 1, delay: int = 3, **x: int
) -> QuantizedGraph:
    """Two lines, two neurons with a loop of delay 1, a readout that reads after two more steps."""
    return QuantizedGraph(
        (source("x", 2, **x), hidden or cell(bias_mant=[32, -1]), li("y", 1, decay_u=4096, decay_v=1)),
        (
            Projection("x", "h", listed(2, 2, (0, 0, weight, 0), (1, 1, -8, delay)), exp),
            Projection("h", "h", listed(2, 2, (0, 1, 2, 1))),
            Projection("h", "y", listed(2, 1, (0, 0, 5, 0), (1, 0, 5, 2))),
        ),
        (readout("y", "last", 1, 0.5),),
        20,
        0.001,
    )


def data(of: QuantizedGraph) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(pack(of, fitting_levels(of, LIMITS))), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def test_a_weight_of_1_is_a_quarter_of_a_millivolt() -> None:
    found = data(graph())
    assert found["weight_0"].tolist() == [2.0, -4.0]  # 4 << 1 and -8 << 1
    assert found["weight_1"].tolist() == [0.5]
    assert found["weight_2"].tolist() == [1.25, 1.25]
    assert found["bias_1"].tolist() == [32 / 256, -1 / 256]
    # v, an integer, fires above threshold << 6: from half a unit above it whatever the comparison.
    assert found["v_thresh_1"].tolist() == [640.5 / 256, 0.5 / 256]
    assert found["v_thresh_2"].item() > 2**23 / 256  # v never gets there


def test_a_level_is_a_step_that_delays_are_longer() -> None:
    found = data(graph())
    assert [int(found[f"level_{k}"]) for k in range(3)] == [0, 1, 2]
    assert [found[f"delay_{q}"].tolist() for q in range(3)] == [[1, 4], [1], [1, 3]]


def test_time_constants_keep_what_the_decay_keeps() -> None:
    found = data(graph())
    tau = found["tau_m_1"]
    assert tau[0] == pytest.approx(-1 / log(0.75), rel=1e-12)
    assert np.exp(-1 / tau[1]) < 1e-17
    # A board adds weight * tau_m / cm * (1 - exp(-1 / tau_m)).
    assert tau / found["cm_1"] * (1 - np.exp(-1 / tau)) == pytest.approx([1, 1], rel=1e-12)


def test_both_biases_are_one() -> None:
    found = data(graph(cell(bias_mant=[1, 0], bias_exp=3, input_bias_mant=[2, 0], input_bias_exp=1)))
    assert found["bias_1"].tolist() == [(8 + 4 * 64) / 256, 0]


def test_equal_networks_give_equal_bytes() -> None:
    one, other = graph(), graph()
    assert pack(one, fitting_levels(one, LIMITS)) == pack(other, fitting_levels(other, LIMITS))


REFUSED = {
    "h: the model is adlif, PyNN's IF_curr_delta has no adaptation": graph(
        adlif("h", 2, decay_u=4096, decay_v=1024, threshold=10)
    ),
    "h: reset is subtract, .* resets v to zero alone": graph(cell(reset="subtract", reset_by=3)),
    "h: reset is none, .* resets v to zero alone": graph(cell(reset="none")),
    "h, neuron 1: decay_u is 4095, .* needs 4096": graph(cell(decay_u=[4096, 4095])),
    "h, neuron 0: decay_v is 0, .* the least is 1": graph(cell(decay_v=[0, 1])),
    "h: end is 7, .* until the last step, 20": graph(cell(end=7)),
    "x: payloads of up to 3, the limit is 1": graph(payload_max=3),
    "x -> h, synapse 0 -> 0: the weight is 65537, the limits are -65536..65535": graph(weight=65537, exp=0),
    "x -> h, synapse 0 -> 0: the weight is 32768 << 1 = 65536, the limits are -65535..65535": graph(
        weight=32768
    ),
    r"x -> h \(longest delay 288\); .* a delay of 0..287": graph(delay=288),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_pynn_cannot_say_is_refused(text: str) -> None:
    with pytest.raises(LimitError, match=text) as caught:
        fitting_levels(REFUSED[text], LIMITS)
    assert ";" in str(caught.value)  # the remedy


def test_the_longest_delays_of_a_board_are_taken() -> None:
    assert data(graph(delay=287))["delay_0"].tolist() == [1, 288]  # 32 of a core, and 8 times 32


def test_a_cycle_shorter_than_its_hops_is_refused() -> None:
    two = QuantizedGraph(
        (
            lif("a", 1, decay_u=4096, decay_v=9),
            lif("b", 1, decay_u=4096, decay_v=9),
            li("y", 1, decay_u=4096, decay_v=9),
        ),
        (
            Projection("a", "b", listed(1, 1, (0, 0, 1, 0))),
            Projection("b", "a", listed(1, 1, (0, 0, 1, 1))),
            Projection("b", "y", listed(1, 1, (0, 0, 1, 0))),
        ),
        (readout("y", "last", 1, 1.0),),
        9,
        0.001,
    )
    with pytest.raises(LimitError, match=r"cycle .*: the least delays of its projections add up to"):
        fitting_levels(two, LIMITS)


def test_a_network_too_large_to_list_is_refused_first() -> None:
    few = replace(LIMITS, chips=1, cores=1, synapse_bytes_per_core=16)
    with pytest.raises(LimitError, match=r"spinnaker: 5 synapses one by one, a board holds 4; use"):
        fitting_levels(graph(), few)


def test_the_script_needs_nothing_beside_its_files() -> None:
    assert {*SCRIPTS, LOCK, BOARD_LOCK, NETWORK} == {
        "run.py",
        "simulators.py",
        "network_file.py",
        "requirements.txt",
        "requirements-board.txt",
        "network.npz",
    }


@pytest.mark.parametrize(("name", "needed"), [(LOCK, "pynn==0.13.0"), (BOARD_LOCK, "spynnaker==1!7.4.1")])
def test_every_package_has_its_version_and_hashes(name: str, needed: str) -> None:
    text = files("snnc.targets.spinnaker").joinpath("program", name).read_text()
    pins = re.findall(r"^(\S+) \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", text, re.MULTILINE)
    assert needed in pins
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9!.a-z]+", pin) for pin in pins)
    packages = [line for line in text.splitlines() if not line.startswith((" ", "#"))]
    assert [line.removesuffix(" \\") for line in packages] == pins


def test_an_export_beyond_the_board_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = saved(tiny_model(), tmp_path)
    words = ["export", str(model), "--target", "spinnaker", "--no-budget", "-o", str(tmp_path / "net")]
    assert main([*words, "--payload-max", "3"]) == 2
    assert (
        "input: payloads of up to 3, the limit is 1; export with --payload-max 1" in capsys.readouterr().err
    )
    assert not (tmp_path / "net").exists()
    assert main(words) == 0
    assert (tmp_path / "net" / NETWORK).is_file()
