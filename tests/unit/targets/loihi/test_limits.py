"""The limits of the target `loihi`: what does not fit is refused, and each limit has a source."""

from __future__ import annotations

import dataclasses
from importlib.resources import files
from typing import Any

import pytest
from loihi_artifacts import chain, emit, layer, placed

from snnc.errors import ConfigError, LimitError
from snnc.target import limit_names, read_limits
from snnc.targets.registry import load_target

LIMITS_TOML = files("snnc.targets.loihi").joinpath("limits.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        (
            {"weight": [[1, 1]], "delay": [[0, 63]]},
            "fc, synapse 1 -> 0: the delay is 63 steps, the limit is 62",
        ),
        ({"weight": [[128]]}, "fc, synapse 0 -> 0: the weight is 128, the limits are -128..127"),
        ({"weight": [[0], [-129]]}, "fc, synapse 0 -> 1: the weight is -129"),
        ({"weight": [[1]], "decay_u": 0}, "fc: decay_u 0 is outside 1..4096"),
    ],
)
def test_what_does_not_fit_is_refused(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(LimitError, match="fc") as error:
        emit(chain(layer(name="fc", **fields), time_steps=2))
    assert complaint in str(error.value)


def test_bias_beyond_the_target_is_refused() -> None:
    target = load_target("loihi")
    narrow = dataclasses.replace(target.limits, bias_mantissa_bits=4, bias_exponent_max=3)
    graph = chain(layer([[1]], name="fc", bias_mant=[8]), time_steps=1)
    emit_narrow = target.emit.func  # type: ignore[attr-defined]
    with pytest.raises(LimitError, match=r"fc, neuron 0: the bias mantissa is 8, the limits are -8\.\.7"):
        emit_narrow(placed(graph), limits=narrow)
    graph = chain(layer([[1]], name="fc", bias_exp=4), time_steps=1)
    with pytest.raises(LimitError, match="fc: the bias exponent is 4, the limit is 3"):
        emit_narrow(placed(graph), limits=narrow)


def test_delay_of_no_synapse_is_no_limit() -> None:
    assert emit(chain(layer([[0, 1]], [[99, 62]]), time_steps=2))


def test_every_limit_has_a_source() -> None:
    for chip in ("loihi1", "loihi2"):
        limits = read_limits(LIMITS_TOML, chip)
        for name in limit_names():
            assert any(
                known in limits.sources[name]
                for known in ("2018", "2021", "lava-nc", "secondary", "assumption", "none published")
            )


def test_loihi_has_the_limits_of_loihi_2() -> None:
    limits = load_target("loihi").limits
    assert (limits.weight_bits, limits.delay_max, limits.neurons_per_core, limits.cores) == (8, 62, 8192, 128)
    assert limits.synapse_bytes_per_core == 128 * 1024
    assert limits.axons_in_per_core is None


def test_limits_must_be_complete() -> None:
    with pytest.raises(ConfigError, match="'loihi9' are not in the file"):
        read_limits(LIMITS_TOML, "loihi9")
    with pytest.raises(ConfigError, match="missing or unknown: cores"):
        read_limits("\n".join(line for line in LIMITS_TOML.splitlines() if "cores =" not in line), "loihi2")
    with pytest.raises(ConfigError, match="no source is given for cores"):
        read_limits(LIMITS_TOML.replace('"Intel 2021: 128 neuromorphic cores"', '""'), "loihi2")
