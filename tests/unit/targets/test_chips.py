"""Chips as data: their limits, what does not fit them, changes that make a network fit, the commands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from golden import HOLD, artifact_of, case, layer
from hypothesis import given, settings
from hypothesis import strategies as st
from models import saved, tiny_model
from places import DOCS
from strategies import delayed_graphs

from snnc.cli import main
from snnc.errors import LimitError
from snnc.exporter.chip_check import check_fit, shifted
from snnc.exporter.relay import source_lines, split_size, split_sources
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import QuantizedGraph
from snnc.target import NO_LIMIT, Limits, limit_names
from snnc.targets.problems import check_limits, problems
from snnc.targets.registry import load_target

CHIPS = ("loihi1", "loihi2", "spinnaker1", "spinnaker2", "truenorth", "seneca")


def graph(*layers: dict, steps: int = 6, payload_max: int = 1) -> QuantizedGraph:
    lines = len(layers[0]["weight"][0])
    return case("chip", list(layers), [[0] * steps] * lines, []).graph.changed(payload_max=payload_max)


def limits(chip: str = "truenorth", **changes: int | None) -> Limits:
    return replace(load_target(chip).limits, **changes)


@pytest.mark.parametrize("chip", CHIPS)
def test_every_limit_has_a_source_and_says_what_kind(chip: str) -> None:
    target = load_target(chip)
    assert target.emit is None
    assert "limits only" in target.description
    for name in limit_names():
        source = target.limits.sources[name]
        assert source.strip() == source != ""
        if getattr(target.limits, name) is not None:
            assert source != "none published", name


@pytest.mark.parametrize(
    ("chip", "limit", "value"),
    [
        # From the publications; not from the files.
        ("truenorth", "cores", 4096),
        ("truenorth", "axons_in_per_core", 256),
        ("truenorth", "neurons_per_core", 256),
        ("truenorth", "weights_per_neuron", 4),
        ("truenorth", "weight_bits", 9),
        ("truenorth", "state_bits", 20),
        ("truenorth", "delay_min", 1),
        ("truenorth", "delay_max", 15),
        ("truenorth", "delays_per_source", 1),
        ("spinnaker1", "delay_min", 1),
        ("spinnaker1", "delay_max", 32),
        ("spinnaker2", "delay_max", 7),
        ("spinnaker2", "cores", 152),
        ("seneca", "delays_per_source", 1),
        ("loihi1", "neurons_per_core", 1024),
        ("loihi2", "neurons_per_core", 8192),
    ],
)
def test_limits_as_published(chip: str, limit: str, value: int) -> None:
    assert getattr(load_target(chip).limits, limit) == value


FITS = limits("loihi2")


@pytest.mark.parametrize(
    ("network", "changes", "said"),
    [
        ([layer([[3, -4]])], {"weight_bits": 3}, None),
        ([layer([[3, -5]])], {"weight_bits": 3}, ", synapse 1 -> 0: the weight is -5, the limits are -4..3"),
        ([layer([[4, 0]])], {"weight_bits": 3}, "--weight-bits 3"),
        # Zero is no synapse, and no level.
        ([layer([[1, 2, 3, 4, 0, 4]])], {"weights_per_neuron": 4}, None),
        (
            [layer([[0, 0, 0], [1, 2, 1], [1, 2, 3]])],
            {"weights_per_neuron": 2},
            ", neuron 2: has 3 different weights, the limit is 2; train for 2-bit weights",
        ),
        ([layer([[1, 2, 3, 4, 5]])], {"weights_per_neuron": 4}, "train for 2-bit weights"),
        ([layer([list(range(1, 9))])], {"weights_per_neuron": 7}, "train for 3-bit weights"),
        ([layer([[1, 1]], [[0, 5]])], {"delay_max": 5}, None),
        (
            [layer([[1, 1]], [[0, 5]])],
            {"delay_max": 4},
            ", synapse 1 -> 0: the delay is 5 steps, the limit is 4",
        ),
        ([layer([[1, 1]], [[1, 5]])], {"delay_min": 1}, None),
        ([layer([[1, 0]], [[1, 0]])], {"delay_min": 1}, None),
        ([layer([[1, 1]], [[0, 5]])], {"delay_min": 1}, "a delay is 0 steps, the least is 1"),
        ([layer([[1, 1], [1, 0]], [[0, 5], [0, 4]])], {"delays_per_source": 1}, None),
        (
            [layer([[1, 1], [1, 1]], [[0, 5], [0, 4]])],
            {"delays_per_source": 1},
            ", source 1: has 2 different delays, the limit is 1",
        ),
        ([layer([[1, 1, 0], [0, 1, 1]])], {"axons_in_per_core": 2}, None),
        (
            [layer([[1, 1, 0], [1, 1, 1]])],
            {"axons_in_per_core": 2},
            ", neuron 1: has 3 sources, the limit of a core is 2 (1 neuron exceeds it); prune 34 %",
        ),
        ([layer([[1]], dv=HOLD)], {"decay_bits": 0}, None),
        (
            [layer([[1]], dv=1)],
            {"decay_bits": 0},
            "decay_v is 1 (of 4096 a step), but the chip cannot multiply a state",
        ),
        ([layer([[1]], du=4095)], {"decay_bits": 0}, "decay_u is 4095, so u lasts from step to step"),
        ([layer([[1]], du=2048, dv=2048)], {"decay_bits": 11}, None),
        ([layer([[1]], du=2049, dv=0)], {"decay_bits": 11}, "decay_u is 2049, the limit is 2048"),
        ([layer([[1]], du=0, dv=2049)], {"decay_bits": 11}, "decay_v is 2049, the limit is 2048"),
        ([layer([[1]], vth=8), layer([[1]])], {"threshold_max": 8}, None),
        ([layer([[1]], vth=9), layer([[1]])], {"threshold_max": 8}, "the threshold is 9, the limit is 8"),
        ([layer([[1]], bias=[3], bias_exp=6)], {"decay_bits": 0, "state_bits": 18}, None),
        ([layer([[1]])], {"decay_bits": 0, "state_bits": 17}, "u and v take 18 bits, the limit is 17"),
        ([layer([[1]], bias=[3])], {"decay_bits": 0, "state_bits": 23}, "u and v take 24 bits, the limit"),
        ([layer([[1]])], {"state_bits": 23}, "u and v take 24 bits, the limit is 23"),
        ([layer([[1]], bias=[-8])], {"bias_mantissa_bits": 4}, None),
        (
            [layer([[1]], bias=[8])],
            {"bias_mantissa_bits": 4},
            ", neuron 0: the bias mantissa is 8, the limits are -8..7 (1 neuron exceeds them)",
        ),
        (
            [layer([[1]], bias=[1], bias_exp=3)],
            {"bias_exponent_max": 2},
            "the bias exponent is 3, the limit is 2",
        ),
    ],
)
def test_problems(network: list[dict], changes: dict[str, int], said: str | None) -> None:
    found = list(problems(graph(*network), replace(FITS, **changes)))
    assert len(found) == (said is not None)
    if said is not None:
        assert said in found[0]
        assert found[0].startswith(("layer0: ", "layer0, "))
        with pytest.raises(LimitError, match=r"^layer0[:,] "):
            check_limits(graph(*network), replace(FITS, **changes))


def test_payloads_are_a_problem_of_chips_with_binary_spikes() -> None:
    one = graph(layer([[1]]), payload_max=3)
    assert list(problems(one, limits("seneca"))) == []
    assert "payloads of up to 3, the limit is 1" in next(problems(one, limits("spinnaker2")))


@given(delayed_graphs(widest=5, longest=12), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_sources_with_one_delay_each_compute_the_same(drawn: QuantizedGraph, seed: int) -> None:
    split = split_sources(drawn)
    more = [sum(each.neurons for each in one.layers) for one in (drawn, split)]
    assert split_size(drawn) == (more[1] - more[0], len(split.layers) - len(drawn.layers))
    for each in split.layers:
        assert len(np.unique(source_lines(each)[0])) == source_lines(each).shape[1]
    rng = np.random.default_rng(seed)
    spikes = (rng.random((1, drawn.time_steps, drawn.inputs)) < 0.3).astype(np.uint8)
    expected = OracleExecutor().run(artifact_of(drawn), spikes)
    found = OracleExecutor().run(artifact_of(split), spikes)
    states = dict(zip([each.name for each in split.layers], found, strict=True))
    for each, theirs in zip(drawn.layers, expected, strict=True):
        for field in ("u", "v", "spikes"):
            np.testing.assert_array_equal(getattr(states[each.name], field), getattr(theirs, field))


@given(delayed_graphs(widest=5, longest=12), st.integers(1, 3), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_longer_delays_shift_each_layer(drawn: QuantizedGraph, later: int, seed: int) -> None:
    """Without biases, layer l = 0, 1, ... does (l + 1) * later steps later what it did."""
    quiet = drawn.with_layers(replace(each, bias_mant=np.zeros(each.neurons, int)) for each in drawn.layers)
    total = later * len(quiet.layers)
    late = shifted(quiet, {each.name for each in quiet.layers}, later)
    late = replace(late, time_steps=quiet.time_steps + total)
    spikes = (np.random.default_rng(seed).random((1, late.time_steps, late.inputs)) < 0.3).astype(np.uint8)
    expected = OracleExecutor().run(artifact_of(quiet), spikes[:, : quiet.time_steps])
    found = OracleExecutor().run(artifact_of(late), spikes)
    for index, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
        start = (index + 1) * later
        for field in ("u", "v", "spikes"):
            window = getattr(ours, field)[:, start : start + quiet.time_steps]
            np.testing.assert_array_equal(window, getattr(theirs, field))


def test_splitting_by_hand() -> None:
    """Source 0 has delays 2 and 5, source 1 only 3: relays with 2, 2, 3 before and 0, 3, 0 after."""
    split = split_sources(graph(layer([[7, 8], [9, 0]], [[2, 3], [5, 0]])))
    relays, last = split.layers
    assert relays.weight.tolist() == [[2, 0], [2, 0], [0, 2]]
    assert relays.delay.tolist() == [[2, 0], [2, 0], [0, 3]]
    assert last.weight.tolist() == [[7, 0, 8], [0, 9, 0]]
    assert last.delay.tolist() == [[0, 0, 0], [0, 3, 0]]
    alike = graph(layer([[7, 8], [9, 1]], [[2, 3], [2, 3]]))
    assert split_sources(alike).layers == alike.layers
    with pytest.raises(LimitError, match="payloads of up to 9"):
        split_sources(graph(layer([[1], [1]], [[0], [1]])).changed(payload_max=9))


def test_a_network_that_truenorth_holds() -> None:
    """Two hidden neurons on one core, the readout too: each has two levels; nothing decays."""
    one = graph(layer([[1, -1], [1, 0]], [[1, 1], [1, 0]], dv=HOLD, vth=1), layer([[1, 1]], [[2, 2]]))
    fit = check_fit(one, load_target("truenorth"))
    assert fit.fits
    assert fit.cores == 1
    assert fit.changes == ()


def test_what_truenorth_needs() -> None:
    """A delay of 20, one of 0, and two delays of one source."""
    one = graph(layer([[1, 1], [1, 0]], [[20, 0], [0, 0]], dv=HOLD, vth=1), layer([[1, 1]]), steps=30)
    fit = check_fit(one, load_target("truenorth"))
    assert fit.fits, fit.problems
    said = "\n".join(fit.changes)
    # 14 steps are left beside the one that every delay gains.
    assert "relays for delays of up to 20: 3 neurons" in said
    assert "relays for one delay a source" in said
    assert "1 step more for every delay" in said


def test_relays_on_truenorth_need_the_shortest_delay_too() -> None:
    """Delays of 1 and 2 from one source: within the range, but a relay's own would be 1 - 1 = 0."""
    one = graph(layer([[1], [1]], [[1], [2]], dv=HOLD))
    fit = check_fit(one, load_target("truenorth"))
    assert fit.fits, fit.problems
    assert [text.partition(":")[0] for text in fit.changes] == [
        "relays for one delay a source",
        "1 step more for every delay, as 1 is the shortest",
    ]


def test_what_truenorth_does_not_hold() -> None:
    one = graph(layer([[1, 2, 3, 4, 5]], dv=2048, du=2048, vth=1), layer([[1]], dv=2))
    fit = check_fit(one, load_target("truenorth"))
    assert not fit.fits
    assert fit.cores is None
    assert [text.partition(":")[0] for text in fit.problems] == [
        "layer0, neuron 0",
        "layer0",
        "layer0",
        "layer1",
    ]


def test_neurons_that_reach_one_core_only() -> None:
    """300 neurons listen to one: two cores, so it needs two copies."""
    one = graph(
        layer([[1]], [[1]], dv=HOLD, vth=1),
        layer([[1]] * 300, [[1]] * 300, dv=HOLD, vth=1),
        layer([[0] * 300], dv=HOLD),
    )
    fit = check_fit(one, load_target("truenorth"))
    assert fit.fits, fit.problems
    assert fit.cores == 2
    assert any("splitters: 2 neurons" in text for text in fit.changes)


def test_too_large_for_the_chip() -> None:
    small = replace(load_target("spinnaker2"), limits=limits("spinnaker2", cores=1, neurons_per_core=3))
    fit = check_fit(graph(layer([[1]] * 4)), small)
    assert not fit.fits
    assert "cores of spinnaker2" in fit.problems[0]


def test_a_chip_without_an_emitter_is_refused_by_export(tmp_path, capsys) -> None:
    model = saved(tiny_model(), tmp_path)
    assert main(["export", str(model), "--target", "truenorth"]) == 2
    said = capsys.readouterr().err
    assert "nothing can be exported for it yet; `snnc check MODEL --target truenorth`" in said
    assert not (tmp_path / "model.truenorth").exists()


def test_check_on_the_command_line(tmp_path, capsys) -> None:
    model = saved(tiny_model(), tmp_path)
    assert main(["check", str(model), "--target", "loihi"]) == 0
    assert "model.pt and loihi: fits, on 1 of 128 cores, 9 neurons" in capsys.readouterr().out
    assert main(["check", str(model), "--target", "spinnaker1"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("change: 1 step more for every delay")
    assert "acts as much later" in said
    assert main(["check", str(model), "--target", "spinnaker2"]) == 1
    said = capsys.readouterr().out
    assert "does not fit: hidden1, synapse " in said
    assert "does not fit (2 problems)" in said
    assert main(["check", str(model), "--target", "spinnaker2", "--weight-bits", "5"]) == 0
    assert main(["check", str(model), "--target", "abacus"]) == 2
    assert main(["check", str(tmp_path / "none.pt"), "--target", "loihi"]) == 2
    assert main(["check", str(model), "--target", "loihi", "--weight-bits", "9"]) == 2


def test_check_of_an_exported_folder(tmp_path, capsys) -> None:
    model = saved(tiny_model(), tmp_path)
    assert main(["export", str(model), "--no-budget"]) == 0
    capsys.readouterr()
    folder = str(tmp_path / "model.loihi")
    assert main(["check", folder, "--target", "seneca"]) == 0
    assert "relays for one delay a source" in capsys.readouterr().out
    assert main(["check", folder, "--target", "seneca", "--weight-bits", "4"]) == 2
    assert "its integers are fixed" in capsys.readouterr().err


def test_targets_for_a_model(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    model = saved(tiny_model(), tmp_path)
    assert main(["targets", "--for", str(model)]) == 0
    printed = capsys.readouterr().out
    rows = [line.split("│") for line in printed.splitlines() if line.count("│") > 3]
    found = {row[1].strip(): [cell.strip() for cell in row[2:5]] for row in rows if row[1].strip()}
    assert set(found) >= {"c", "loihi", *CHIPS}
    assert found["loihi"] == ["yes", "yes", "1 of 128"]
    assert found["c"] == ["yes", "yes", ""]
    assert found["truenorth"] == ["no", "no", ""]
    # What nobody can export to is never plainly said to fit.
    fits = {name: row[1] for name, row in found.items() if row[0] == "no" and row[1] != "no"}
    assert "spinnaker1" in fits
    assert set(fits.values()) == {"limits only"}
    assert printed.splitlines()[-1].startswith("limits only: ")
    below = printed[printed.rindex("┘") :].splitlines()
    assert all(line.startswith(("  + ", "  - ")) for line in below[below.index("truenorth") + 1 : -1])
    assert all(len(line) <= 200 for line in below)
    assert main(["targets", "--weight-bits", "4"]) == 2


def test_targets_lists_the_limits_of_all(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    assert main(["targets"]) == 0
    said = capsys.readouterr().out
    for chip in (*CHIPS, "c"):
        assert f"{chip}: {load_target(chip).description}" in said
    assert "Merolla 2014: delays of 1 .. 15 ticks" in said


def test_the_table_in_the_documentation() -> None:
    """docs/chips.md shows every limit of every chip; ¹ where its source says secondary, ² assumption."""
    text = (DOCS / "chips.md").read_text()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line[:1] == "|"]
    table = {row[0].replace(" ", "_"): row[1:] for row in rows if len(row) == len(CHIPS) + 1}
    assert table["limit"] == list(CHIPS)
    for name in limit_names():
        for chip, cell in zip(CHIPS, table[name], strict=True):
            value, source = getattr(limits(chip), name), limits(chip).sources[name]
            assert ("¹" in cell, "²" in cell) == (
                "secondary" in source,
                "assumption" in source and "secondary" not in source,
            ), (name, chip)
            shown = cell.rstrip("¹²").replace(",", "")
            assert shown == ("–" if value is None else "none" if value >= NO_LIMIT - 1 else str(value))
