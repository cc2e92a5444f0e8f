"""Kernels that grow and shrink: when, and that no delay changes."""

from pathlib import Path

import numpy as np
import pytest
import torch
from order_task import config, order_task

from snnc.errors import ConfigError, ModelFileError
from snnc.trainer.convolution import ENGINES
from snnc.trainer.loop import train
from snnc.trainer.metrics import EpochMetrics
from snnc.trainer.model_file import load_model, save_model
from snnc.trainer.network import DelayedConnection
from snnc.trainer.recipes.growing import change_of_size, remember_size, resize


def connection(delays: list[float], weights: list[float], size: int = 7) -> DelayedConnection:
    """One neuron with these synapses."""
    made = DelayedConnection(len(delays), 1, size, ENGINES["direct"])
    with torch.no_grad():
        made.position.copy_(size // 2 - torch.tensor([delays]))
        made.weight.copy_(torch.tensor([weights]))
    remember_size(made)
    return made


@pytest.mark.parametrize(
    ("delays", "weights", "steps", "longest", "change"),
    [
        # A seventh of the weight, 3.5, 0.5 each: the longest delay, 6, must have more than 0.5.
        ([6, 5.6, 0, 1, 2, 3, 4], [0.5] * 7, 4, 99, 4),
        ([6, 5.4, 0, 1, 2, 3, 4], [0.5] * 7, 4, 99, 0),
        ([6, 5.4, 0, 1, 2, 3, 4], [-0.6] + [0.49] * 6, 2, 99, 2),
        ([6, 6, 6], [1.0] * 3, 4, 9, 2),
        ([6, 6, 6], [1.0] * 3, 4, 10, 2),  # 11 would be too long
        ([6, 6, 6], [1.0] * 3, 4, 5, 0),
        # Nobody above 2: four of seven delays are not used.
        ([2, 0, 1], [1.0] * 3, 8, 99, -4),
        ([2, 0, 1], [1.0] * 3, 2, 99, -2),
        ([2.1, 0, 1], [1.0] * 3, 8, 99, -2),
        ([5.0, 0, 1], [1.0] * 3, 8, 99, 0),  # 6 alone cannot go: a kernel stays odd
        ([6, 2, 1], [0.0, 1.0, 1.0], 8, 99, -4),  # a weight of 0 is no synapse
        ([6, 6], [0.0, 0.0], 8, 99, -6),
    ],
)
def test_when_a_kernel_grows(
    delays: list[float], weights: list[float], steps: int, longest: int, change: int
) -> None:
    assert change_of_size(connection(delays, weights), steps, longest) == change


@pytest.mark.parametrize("change", [4, -2])
def test_no_delay_changes(change: int) -> None:
    """What a connection gives is the same; only Gaussians that a kernel had cut differ."""
    made = connection([0.0, 1.25, 3.75, 2.0], [1.0, -2.0, 0.5, 3.0])
    x = (torch.rand(30, 3, 4, generator=torch.Generator().manual_seed(0)) < 0.3).float()
    with torch.no_grad():
        before, delays = made(x, True), made.delays()
        resize(made, change)
        assert made.kernel_size == 7 + change
        assert torch.equal(made.delays(), delays)
        torch.testing.assert_close(made(x, True), before)
        made.sig = 0.0
        torch.testing.assert_close(made(x), before)


def test_a_state_brings_its_size() -> None:
    made, other = connection([0.0, 3.0], [1.0, 1.0]), connection([1.0, 1.0], [1.0, 1.0])
    resize(made, 2)
    outer = torch.nn.Sequential(other)
    outer.load_state_dict({f"0.{name}": value for name, value in made.state_dict().items()})
    assert other.kernel_size == 9
    assert torch.equal(other.delays(), made.delays())
    for wrong in (0, -3, 8, (1 << 16) + 1):
        with pytest.raises(ValueError, match=f"a kernel has {wrong} taps"):
            other.load_state_dict(made.state_dict() | {"kernel_taps": torch.tensor(wrong)})


SHORT = {"epochs": 6, "sigma_fraction": 0.3, "finetune_epochs": 1, "quantise_epochs": 1}
GROWS = config(**SHORT, kernel_size=3, grow_delays=2, weight_averaging=0.5)
"""The classes of the task are told by bursts that are four steps apart, and delays begin with two."""


def test_kernels_grow_and_a_run_resumes(tmp_path: Path) -> None:
    whole = train(GROWS, data=order_task(80))
    assert whole.gaussian is not None
    told = [row["kernels"] for row in whole.metrics["history"]]
    assert told[:2] == ["3-3", "3-3"]  # the kernels are wide
    sizes = [[int(size) for size in text.split("-")] for text in told]
    steps = np.abs(np.diff(sizes[:6], axis=0))
    assert set(steps.ravel().tolist()) == {0, 2}
    assert max(max(row) for row in sizes) > 3
    selected = [row for row in whole.metrics["history"][:6] if row["best"]][-1]
    assert "-".join(str(layer.kernel_size) for layer in whole.gaussian) == selected["kernels"]
    for before, layer in zip(whole.gaussian, whole.layers, strict=True):
        assert layer.kernel_size == before.kernel_size
        assert np.abs(layer.position).max() <= layer.kernel_size // 2
    save_model(whole, tmp_path / "model.pt")
    loaded = load_model(tmp_path / "model.pt")
    assert [each.kernel_size for each in loaded.layers] == [each.kernel_size for each in whole.layers]
    for stop in (4, 7):
        file = tmp_path / f"{stop}.checkpoint"

        def interrupt(metrics: EpochMetrics, stop: int = stop) -> None:
            if metrics.epoch + 1 == stop:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(GROWS, data=order_task(80), checkpoint=file, progress=interrupt)
        resumed = train(GROWS, data=order_task(80), checkpoint=file, resume=True)
        assert dict(resumed.metrics) == dict(whole.metrics)
        for found, wanted in zip(resumed.layers, whole.layers, strict=True):
            np.testing.assert_array_equal(found.weight, wanted.weight)
            np.testing.assert_array_equal(found.position, wanted.position)
    content = torch.load(file, weights_only=True)
    content["state"]["network"]["readout.connection.kernel_taps"] += 1
    torch.save(content, file)
    with pytest.raises(ModelFileError, match="name another file for it"):
        train(GROWS, data=order_task(80), checkpoint=file, resume=True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"grow_delays": 3}, "grow_delays is 3; give an even number"),
        ({"grow_delays": 2, "delays": "fixed"}, "grow_delays is 2, but delays = 'fixed'"),
    ],
)
def test_what_cannot_grow(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        config(**fields)
