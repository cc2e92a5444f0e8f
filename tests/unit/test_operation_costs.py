"""The constants: read from TOML, each with its ground, and the published ones as they were published."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files

import pytest
from machine_programs import COSTS

from snnc.errors import ConfigError, InputError
from snnc.operation_costs import OPERATIONS
from snnc.targets.costs import read_costs
from snnc.targets.registry import load_target

TEXT = files("snnc.targets.loihi").joinpath("costs.toml").read_text("utf-8")
SPIKE = 'spike = { value = 69.3, unit = "pJ", source = "SANA-FE: energy_spike_out" }'


def test_davies_2018() -> None:
    costs = load_target("loihi").operation_costs()
    assert costs.name == "loihi1"
    energy = {name: value / 1000 for name, value in costs.energy.items() if value}  # fJ to pJ
    assert energy == {
        "update_inactive": 52,
        "update_active": 81,
        "delivery": 1.7,
        "hop_x": 3.0,
        "hop_y": 4.0,
        "synapse_dense": 23.6,
        "synapse_sparse": 23.6,
    }
    time = {name: value / 1000 for name, value in costs.time.items() if value}  # ps to ns
    assert time == {
        "update_inactive": 5.3,
        "update_active": 8.4,
        "delivery": 2.1,
        "hop_x": 4.1,
        "hop_y": 6.5,
        "synapse_dense": 3.5,
        "synapse_sparse": 3.5,
    }
    assert (costs.barrier_time(1), costs.barrier_time(32)) == (113_000, 465_000)
    # 352 ns over 31 tiles more: at 11 tiles 113 + 352 * 10 / 31 = 226.548...
    assert costs.barrier_time(11) == 226_548


def test_loihi_2_is_relative_to_loihi_1() -> None:
    sets = load_target("loihi").costs
    old, new, fitted = sets["loihi1"], sets["loihi2"], sets["sanafe-loihi1"]
    for name in ("update_active", "update_inactive"):
        assert old.time[name] == 2 * new.time[name]
    for name in ("synapse_dense", "synapse_sparse"):
        assert old.time[name] == 5 * new.time[name]
    for name in ("spike", "message"):
        assert fitted.time[name] == 10 * new.time[name]
    assert new.energy == old.energy
    assert set(new.assumptions) == set(new.sources | new.assumptions)  # each of them


def test_a_constant_of_zero_is_published_or_an_assumption() -> None:
    for costs in load_target("loihi").costs.values():
        for table, values in (("energy", costs.energy), ("time", costs.time)):
            for name, value in values.items():
                ground = costs.assumptions.get(f"{table}.{name}") or costs.sources[f"{table}.{name}"]
                assert ground
                if value == 0 and costs.name == "loihi1":
                    assert "not published" in ground


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (SPIKE, "", "sanafe-loihi1: missing or unknown: energy.spike"),
        (SPIKE, SPIKE.replace("spike =", "splash ="), "missing or unknown: energy.spike, energy.splash"),
        (SPIKE, SPIKE.replace('"pJ"', '"ns"'), "energy.spike: unit is 'ns', expected fJ, pJ, nJ"),
        (SPIKE, SPIKE.replace("69.3", "69.34567"), "69.34567 pJ is not a whole number of fJ"),
        (SPIKE, SPIKE.replace("69.3", "-1"), "energy.spike is -1000, expected >= 0"),
        (SPIKE, SPIKE.replace("69.3", "true"), "value is True, expected a number"),
        (SPIKE, SPIKE.replace("69.3", "inf"), "is not a whole number of fJ"),
        (SPIKE, 'spike = { value = 69.3, unit = "pJ" }', "no source is given for energy.spike"),
        (SPIKE, SPIKE.replace('"SANA-FE: energy_spike_out"', '""'), "no source is given for energy.spike"),
        (SPIKE, SPIKE.replace('"SANA-FE: energy_spike_out"', "3"), "source is not text"),
        (SPIKE, "spike = 69.3", "energy.spike: needs a value, a unit and a source"),
        ("tiles = [1, 2, 4, 29]", "tiles = [1, 2, 4]", "tiles and value must be lists of the same length"),
        ("tiles = [1, 2, 4, 29]", "tiles = [1, 4, 2, 29]", "needs rising numbers of tiles"),
        ("tiles = [1, 2, 4, 29]", "tiles = [0, 2, 4, 29]", "whole numbers above 0"),
        ('between = "step"', 'between = "never"', "expected linear or step"),
        ('about = "Loihi 1 as fitted', 'abuot = "Loihi 1 as fitted', "sanafe-loihi1: abuot: needs a value"),
        ("[loihi2.time]", "[loihi2.tim", "is not TOML"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(ConfigError, match=re.escape(message)):
        read_costs(TEXT.replace(old, new, 1))


def test_a_set_of_our_own_is_checked_too() -> None:
    for change in (
        {"word_bits": 0},
        {"link_time": -1},
        {"link_time": 101},
        {"barrier": ()},
        {"energy": {}},
        {"sources": {}},
    ):
        with pytest.raises(ConfigError, match="by hand"):
            replace(COSTS, **change)


def test_targets_without_costs_say_so() -> None:
    target = load_target("loihi")
    with pytest.raises(InputError, match="loihi: has no published costs"):
        replace(target, costs={}).operation_costs()
    with pytest.raises(InputError, match=r"fpga: has no published costs, .*; `snnc place` tells its time"):
        load_target("fpga").operation_costs()
    with pytest.raises(
        InputError,
        match=r"'loihi3' are unknown \(did you mean 'loihi1' or 'loihi2'\?\); "
        "target loihi has loihi1, sanafe-loihi1, loihi2",
    ):
        target.operation_costs("loihi3")


def test_assumptions_are_told_once_each() -> None:
    lines = load_target("loihi").operation_costs().assumed()
    assert "time and energy of messages from outside: not published; taken as free" in lines
    assert len(lines) == len(set(lines))
    assert set(OPERATIONS) == set(COSTS.energy)
