"""Where the range proof fails, the weight bits that the error names are those that pass."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from float_nets import dense, graph
from models import CONFIG, layer, saved, tiny_model
from places import EXAMPLES

from snnc.cli import main
from snnc.errors import RangeProofError
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import promised
from snnc.exporter.plan import plan_export
from snnc.exporter.trial import checked_integers, try_export
from snnc.stages import FloatGraph, FloatPopulation, FloatProjection, TrainedModel
from snnc.targets.registry import target_of

C = target_of("c")
COST = " (fewer bits may cost accuracy, which verify tells)"


def adding(steps: int, weight: float = 1.0, bias: float = 0.0) -> FloatGraph:
    """One neuron that adds up its weight in every step, and its bias."""
    bias_of = np.array([bias])
    return replace(
        graph(FloatPopulation("a", "li", 1, keep_u=0.0, keep_v=1.0, bias=bias_of), dense([weight])),
        time_steps=steps,
    )


def said(network: object, **options: object) -> str:
    with pytest.raises(RangeProofError) as told:
        try_export(network, C, ExportOptions(**options))
    return str(told.value)


@pytest.mark.parametrize(("steps", "bits"), [(1100, 7), (3000, 6)])
def test_the_most_bits_by_hand(steps, bits):
    """v may be 8388607. 127 * 64 in each of 1100 steps is 8940800, 63 * 64 is 4435200; of 3000, 63 * 64 is
    12096000, and 31 * 64 is 5952000.
    """
    network = adding(steps)
    message = said(network)
    assert message.startswith("a, neuron 0: v can reach ")
    assert (
        f"8388607 (it does not leak: v adds up over {steps} steps); pass --weight-bits {bits}, with"
        in message
    )
    assert f"--weight-bits {bits}, with which it cannot{COST}, or pass --all" in message
    try_export(network, C, ExportOptions(weight_bits=bits))
    if bits < 7:
        told = said(network, weight_bits=bits + 1)
        assert f"pass --weight-bits {bits}, with which it cannot{COST}, " in told


def test_fewer_bits_of_the_population_that_overflows_alone():
    """40 lines and 40 neurons of `a` give `b` a weight each in each of 100 steps, which does not leak:
    80 * 127 * 64 * 100 is 65024000; of 5 bits 80 * 15 * 64 * 100, 7680000, which v may be; of 6 it may not.
    """
    own = FloatPopulation("a", "lif", 40, keep_u=0.0, keep_v=0.0, threshold=0.5, reset="zero")
    adds = FloatPopulation("b", "li", 1, keep_u=0.0, keep_v=1.0)
    into = graph(adds, dense(np.ones(40)), steps=100)
    more = (FloatProjection("in", "a", dense(*np.eye(40))), FloatProjection("a", "b", dense(np.ones(40))))
    network = replace(
        into, populations=(into.populations[0], own, adds), projections=(*into.projections, *more)
    )
    message = said(network)
    assert message.startswith("b, neuron 0: v can reach ")
    assert "8388607 (it does not leak: v adds up over 100 steps); pass --weight-bits 8,5, with" in message
    try_export(network, C, ExportOptions(weight_bits=(8, 5)))
    with pytest.raises(RangeProofError):
        try_export(network, C, ExportOptions(weight_bits=(8, 6)))


def test_no_bits_help_a_bias():
    """Each of 3000 steps adds 100 of the weight, which is 1 of 2 bits: 100 * 64 * 3000 is 19200000."""
    network = adding(3000, weight=0.01, bias=1.0)
    for bits in range(2, 9):
        message = said(network, weight_bits=bits)
        assert (
            "no fewer weight bits pass: prune inputs, or train with a smaller bias or tau, or pass" in message
        )


def test_of_a_chain_the_bits_are_tried_too():
    """1100 inputs of the same weight, 127: u can reach 1100 * 127 * 64 = 8940800, and of 7 bits 4435200."""
    model = tiny_model()
    wide = np.ones((6, 1100), np.float32)
    hidden = replace(model.layers[0], weight=wide, position=np.zeros_like(wide), batch_norm=None)
    network = replace(model, layers=(hidden, model.layers[1]))
    assert f"times 0.938 pass, as with --weight-bits 7,8{COST}, or pass" in said(network)
    try_export(network, C, ExportOptions(weight_bits=(7, 8)))


@pytest.mark.parametrize("target", ["c", "loihi"])
def test_check_says_that_an_export_is_refused_and_what_passes(target, tmp_path, capsys):
    """1100 inputs, as above, with 7 bits; and with a bias that no bits help. Each next command is done."""
    model = tiny_model()
    wide = np.ones((6, 1100), np.float32)
    hidden = replace(model.layers[0], weight=wide, position=np.zeros_like(wide), batch_norm=None)
    path = str(saved(replace(model, layers=(hidden, model.layers[1])), tmp_path))
    assert main(["check", path, "--target", target, "--json", str(tmp_path / "c.json")]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "\nsnnc export refuses it: hidden1, neuron 0: u can reach " in "\n".join(said)
    assert said[-1] == f"next: snnc export {path} --target {target} --weight-bits 7"
    found = json.loads((tmp_path / "c.json").read_text())
    assert (found["fits"], found["fewer_bits"]) == (True, 7)
    assert found["overflow"].startswith("hidden1, neuron 0: ")
    assert f" pass, as with --weight-bits 7{COST}, or pass --allow-saturation" in found["overflow"]
    command = said[-1].removeprefix("next: snnc ").split()
    assert main([*command, "--no-budget", "-o", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    assert main(["check", str(tmp_path / "out"), "--target", target]) == 0
    assert "refuses" not in capsys.readouterr().out


def test_check_of_what_no_bits_help_names_the_option(tmp_path, capsys):
    """A readout that does not leak: 1 of 2 bits, of 600 neurons, 64 * 600 in each of 230 steps, 8832000."""
    model = tiny_model()
    ones = np.ones((600, 5), np.float32), np.ones((3, 600), np.float32)
    hidden, adds = (
        replace(each, weight=weight, position=np.zeros_like(weight), batch_norm=None)
        for each, weight in zip(model.layers, ones, strict=True)
    )
    network = replace(model, layers=(hidden, replace(adds, tau=1e9)), time_steps=230)
    path = str(saved(network, tmp_path))
    assert main(["check", path, "--target", "c"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert (
        " pass: no fewer weight bits do; prune inputs, or train with a smaller bias or tau, or " in said[-2]
    )
    assert said[-1] == f"next: snnc export {path} --target c --allow-saturation"
    command = said[-1].removeprefix("next: snnc ").split()
    assert main([*command, "--no-budget", "-o", str(tmp_path / "out")]) == 0


BOARD = "fpga:board=icebreaker"
LARGER = "--target fpga:board=ulx3s"
"""As the board was given, in the target."""


@pytest.fixture(scope="module")
def for_a_board(tmp_path_factory) -> Path:
    """A network that an iCEBreaker holds with fewer bits: 400 neurons of 80 lines."""
    numbers = np.random.default_rng(0)
    hidden, readout = (
        layer(name, numbers.uniform(-0.5, 0.5, shape), numbers.integers(-2, 3, shape), **others)
        for name, shape, others in (
            ("hidden1", (400, 80), {}),
            ("readout", (3, 400), {"threshold": None, "tau": 8.0}),
        )
    )
    model = TrainedModel(
        (hidden, readout), 12, 0.02, 1, ("a", "b", "c"), "digits", CONFIG | {"hidden": [400]}
    )
    return saved(model, tmp_path_factory.mktemp("board"))


def test_a_board_that_is_too_small_is_answered_with_fewer_bits_that_fit(for_a_board, tmp_path, capsys):
    """In the line of `export`, and as the next command of `check`, which then is done."""
    told = ["--target", BOARD, "--no-budget", "-o", str(tmp_path / "core")]
    assert main(["export", str(for_a_board), *told]) == 2
    said = capsys.readouterr().err
    proposed = f"; use {LARGER}, on which 64 lanes fit, or --weight-bits 3, with which it fits{COST}"
    assert proposed in said
    assert main(["check", str(for_a_board), "--target", BOARD]) == 1
    said = capsys.readouterr().out
    assert f"does not fit (1 problem); with --weight-bits 3 it fits{COST}" in said
    last = said.splitlines()[-1].removeprefix("next: snnc ")
    assert last == f"export {for_a_board} --target {BOARD} --weight-bits 3"
    for bits, code in ((4, 2), (3, 0)):
        assert main(["export", str(for_a_board), *told, "--weight-bits", str(bits)]) == code


def test_no_bits_are_told_where_none_fit(capsys):
    """The example has twenty times the block RAMs, and 16 times with half the bits."""
    model = str(EXAMPLES / "heidelberg" / "model.pt")
    assert main(["export", model, "--target", BOARD, "--no-budget", "-o", "never"]) == 2
    assert capsys.readouterr().err.endswith(f"use {LARGER}, on which 64 lanes fit\n")
    board = ["--target", "fpga", "--board", "icebreaker"]
    assert main(["export", model, *board, "--no-budget", "-o", "never"]) == 2
    assert capsys.readouterr().err.endswith("use --board ulx3s, on which 64 lanes fit\n")
    assert main(["check", model, "--target", BOARD]) == 1
    said = capsys.readouterr().out
    assert "does not fit (1 problem)\n" in said
    assert "; use --target fpga:board=ulx3s, on which 64 lanes fit\n" in said  # it has no --board
    assert main(["check", model, "--target", "fpga:board=ulx3s"]) == 0


def test_after_a_search_no_bits_are_tried():
    """A search of `max_drop` chooses bits for each part, which one number does not tell."""
    plan = plan_export(adding(1100), ExportOptions(), C)
    plan = replace(plan, options=replace(plan.options, max_drop=1.0))
    with pytest.raises(RangeProofError, match=r"; use fewer weight bits \(.*\), or pass --allow-saturation"):
        checked_integers(plan, C, promised)
