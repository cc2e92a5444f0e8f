"""Training configuration: presets, TOML files, overrides, and errors that name field, value and limit."""

from importlib import resources
from pathlib import Path

import pytest

from snnc.errors import ConfigError
from snnc.trainer.config import TrainConfig, load_config, make_config, presets
from snnc.trainer.other_names import OTHER_NAMES

MINIMAL = {
    "dataset": "own.npz",
    "bin_s": 0.01,
    "hidden": [8],
    "kernel_size": 5,
    "tau": 2.0,
    "epochs": 3,
    "batch_size": 4,
    "lr_weights": 1e-3,
}


def test_every_preset_loads() -> None:
    assert "digits" in presets()
    for name in presets():
        assert load_config(name).epochs >= 1


def test_overrides_replace_preset_fields() -> None:
    config = load_config("digits", {"epochs": 2, "hidden": [16, 8]})
    assert (config.epochs, config.hidden, config.dataset) == (2, (16, 8), "digits")


def test_a_copied_preset_trains_on_own_data(tmp_path: Path) -> None:
    copied = tmp_path / "mine.toml"
    preset = (resources.files("snnc.trainer") / "presets" / "digits.toml").read_text()
    copied.write_text(preset.replace('dataset = "digits"', 'dataset = "recordings/own.npz"'))
    config = load_config(copied)
    assert config.dataset == str(tmp_path / "recordings" / "own.npz")
    assert load_config(copied, {"dataset": "here.npz"}).dataset == "here.npz"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"epochs": 0}, ["epochs = 0", "greater than or equal to 1"]),
        ({"tau": 1.0}, ["tau = 1.0", "greater than 1"]),
        ({"kernel_size": 24}, ["kernel_size is 24", "odd"]),
        ({"hidden": []}, ["hidden = []", "at least 1"]),
        ({"hidden": [8, -1]}, ["hidden[1] = -1"]),
        ({"hidden": [8] * 65}, ["hidden = [8, 8, ", "has 65 elements; give at most 64"]),
        ({"hidden": [8, True]}, ["hidden = [8, True]: is true or false, no number; give a number"]),
        ({"epochs": True}, ["epochs = True: is true or false, no number"]),
        ({"dropout": False}, ["dropout = False: is true or false, no number"]),
        ({"lr_weights": float("nan")}, ["lr_weights", "finite"]),
        ({"sigma_final": 0.27}, ["sigma_final = 0.27", "greater than 0.27"]),
        ({"sigma_initial": 0.4}, ["sigma_initial is 0.4", "0.5"]),
        ({"engine": "warp"}, ["engine = 'warp'", "'direct' or 'reference'"]),
        ({"engine": "directs"}, ["'direct' or 'reference' (did you mean 'direct'?)"]),
        ({"epoch": 3}, ["unknown field 'epoch' (did you mean 'epochs'?)"]),
        ({"learning_rate": 3}, ["unknown field 'learning_rate' (did you mean 'lr_weights'?)"]),
        ({"Learning-Rate": 3}, ["unknown field 'Learning-Rate' (did you mean 'lr_weights'?)"]),
        ({"neurons": 64}, ["unknown field 'neurons' (did you mean 'hidden' or 'neuron'?)"]),
        ({"max_delays": 10}, ["unknown field 'max_delays' (did you mean 'kernel_size'?)"]),
        ({"device": "cuda"}, ["unknown field 'device': it is an option of `snnc train`, --device"]),
        ({"log_dir": "a"}, ["unknown field 'log_dir': it is an option of `snnc train`, --log-dir"]),
        ({"zzz": 3}, ["unknown field 'zzz'; the fields are neuron, ", "lr_weights"]),
        ({"time_steps": 50, "padding_steps": 5}, ["time_steps is 50", "padding_steps is 5"]),
        ({"test_speakers": [1]}, ["test_speakers", "validation_speakers"]),
        ({"time_warp": 1.0}, ["time_warp = 1.0", "less than 1"]),
        ({"mix": 1.5}, ["mix = 1.5", "less than or equal to 1"]),
    ],
)
def test_wrong_values_are_named(change: dict[str, object], words: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        make_config(MINIMAL | change, "mine.toml")
    assert str(error.value).startswith("mine.toml: ")
    for word in words:
        assert word in str(error.value)


def test_a_list_with_a_wrong_element_is_not_told_to_be_too_short() -> None:
    with pytest.raises(ConfigError) as error:
        make_config(MINIMAL | {"hidden": [0]}, "mine.toml")
    assert str(error.value) == "mine.toml: hidden[0] = 0: input should be greater than or equal to 1"


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ConfigError, match="field 'tau' is missing"):
        make_config({key: value for key, value in MINIMAL.items() if key != "tau"})


def test_first_sigma_is_half_the_kernel() -> None:
    assert make_config(MINIMAL | {"kernel_size": 25}).first_sigma == 12.0
    assert make_config(MINIMAL | {"kernel_size": 1}).first_sigma == 0.5
    assert make_config(MINIMAL | {"sigma_initial": 3.0}).first_sigma == 3.0


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_config(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("epochs = = 3")
    with pytest.raises(ConfigError, match="not a readable TOML"):
        load_config(broken)
    with pytest.raises(ConfigError, match=r"preset 'nosuch' does not exist; choose one of .*digits"):
        load_config("nosuch")


def test_what_others_call_a_field_leads_to_one_that_is_there() -> None:
    for name, meant in OTHER_NAMES.items():
        assert name not in TrainConfig.model_fields
        assert set(meant) <= set(TrainConfig.model_fields), name
