"""`time_steps`, which includes the padding, takes the place of `padding_steps` of a preset or a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.errors import ConfigError
from snnc.trainer.config import load_config
from snnc.trainer.suited import preset_with
from snnc.trainer.sweep import load_sweep


def test_steps_that_are_set_include_the_padding() -> None:
    assert load_config("digits").padding_steps > 0
    for found in (load_config("digits", {"time_steps": 60}), preset_with({"time_steps": 60})):
        assert (found.time_steps, found.padding_steps) == (60, 0)
    found = load_config("digits", {"time_steps": None})
    assert found.padding_steps == load_config("digits").padding_steps
    with pytest.raises(ConfigError, match="time_steps is 60 and padding_steps is 3; give one of them"):
        load_config("digits", {"time_steps": 60, "padding_steps": 3})


def test_those_of_a_sweep_do(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text('base = "digits"\nseeds = [0]\n[variants.a]\ntime_steps = 60\n[variants.b]\n')
    first, other = load_sweep(file, tmp_path / "out")
    assert (first.config.time_steps, first.config.padding_steps) == (60, 0)
    assert other.config.padding_steps == load_config("digits").padding_steps
