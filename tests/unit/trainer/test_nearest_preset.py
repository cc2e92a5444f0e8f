"""The preset that a configuration differs least from."""

from __future__ import annotations

import pytest

from snnc.errors import ConfigError
from snnc.trainer.config import load_config
from snnc.trainer.nearest_preset import nearest_preset


def test_what_is_ignored_is_not_told() -> None:
    config = load_config("digits", {"seed": 5, "hidden": [7]})
    assert nearest_preset(config, load_config) == ("digits", {"seed": 5, "hidden": (7,)})
    assert nearest_preset(config, load_config, ignored=("seed",)) == ("digits", {"hidden": (7,)})


def test_what_no_preset_leads_to_is_named() -> None:
    config = load_config("digits")

    def with_steps(preset: str, fields: object) -> object:
        return load_config(preset).model_copy(update={"time_steps": 9})

    assert config.time_steps is None
    with pytest.raises(ConfigError, match=r"^time_steps: not set in .*, 'digits'"):
        nearest_preset(config, with_steps)  # type: ignore[arg-type]
