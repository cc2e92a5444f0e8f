"""Checkpoints: a run goes on from one to the same model, or says why it does not."""

import io
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from order_task import config, order_task
from trained_models import same

from snnc.errors import ConfigError, ModelFileError
from snnc.trainer.loop import EpochMetrics, train


@pytest.mark.parametrize("stop", [1, 3, 4, 5, 6], ids=str)
def test_an_interrupted_run_resumes_to_the_same_model(tmp_path: Path, stop: int) -> None:
    whole = train(config(epochs=3), data=order_task())
    file = tmp_path / "run.ckpt"

    def interrupt(metrics: EpochMetrics) -> None:
        if metrics.epoch + 1 == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config(epochs=3), data=order_task(), progress=interrupt, checkpoint=file)
    assert [path.name for path in tmp_path.iterdir()] == ["run.ckpt"]
    assert same(whole, train(config(epochs=3), data=order_task(), checkpoint=file, resume=True))


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "run.ckpt"
    train(config(epochs=1, finetune_epochs=0), data=order_task(40), checkpoint=file)
    with pytest.raises(ConfigError, match=r"the checkpoint has tau = 1\.5, this run 3\.0"):
        train(config(epochs=1, finetune_epochs=0, tau=3.0), data=order_task(40), checkpoint=file, resume=True)
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(ModelFileError, match="truncated"):
        train(config(epochs=1, finetune_epochs=0), data=order_task(40), checkpoint=file, resume=True)


@pytest.mark.parametrize(
    ("changes", "differ"),
    [
        ({"unit_count": 8}, "the recordings"),
        ({"labels": np.arange(40)[::-1] % 2}, "the recordings"),
    ],
)
def test_a_checkpoint_of_other_recordings_is_refused(
    tmp_path: Path, changes: dict[str, Any], differ: str
) -> None:
    file, short = tmp_path / "run.ckpt", config(epochs=1, finetune_epochs=0)
    train(short, data=order_task(40), checkpoint=file)
    with pytest.raises(ConfigError, match=f"the checkpoint was made with other recordings .{differ} differ"):
        train(short, data=replace(order_task(40), **changes), checkpoint=file, resume=True)


def test_a_checkpoint_of_another_split_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "run.ckpt"
    data = replace(order_task(40), held_out=((1,), (2,)))
    short = config(epochs=1, finetune_epochs=0)
    train(short, data=data, checkpoint=file)
    with pytest.raises(ConfigError, match=r"other recordings \(those to train with differ\)"):
        train(short, data=replace(data, held_out=((1,), (3,))), checkpoint=file, resume=True)


def test_resuming_without_a_checkpoint_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    short = config(epochs=1, finetune_epochs=0)
    train(short, data=order_task(40), checkpoint=tmp_path / "x.ckpt", resume=True, notify=said.append)
    assert said == [f"{tmp_path / 'x.ckpt'}: no such checkpoint; training starts from the beginning"]


@pytest.mark.parametrize("stop", [1, 3, 5, 6], ids=["gaussian", "rounded", "int8", "ended"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda c: c.pop("config"),
        lambda c: c.pop("data"),
        lambda c: c["state"].pop("gaussian"),
        lambda c: c["state"]["network"].popitem(),
    ],
)
def test_a_checkpoint_without_a_part_is_refused(
    tmp_path: Path, stop: int, damage: Callable[[Any], object]
) -> None:
    refused(tmp_path, stop, damage)


@pytest.mark.parametrize(
    ("stop", "damage"),
    [
        (3, lambda s: s["best"].pop("rank")),
        (3, lambda s: s.update(best=7)),
        (5, lambda s: s.update(best=7)),
        (5, lambda s: s.update(best=None)),
        (5, lambda s: s["best"].pop("rule")),
        (5, lambda s: s["integers"].popitem()),
        (5, lambda s: s["whole"].pop("rank")),
        (6, lambda s: s["whole"].pop("network")),
        (6, lambda s: s["finished"][8]["network"].popitem()),
        (1, lambda s: s["weights"].pop("param_groups")),
        (3, lambda s: s["weights"].pop("param_groups")),
        (5, lambda s: s["weights"].pop("param_groups")),
    ],
)
def test_an_incomplete_checkpoint_is_refused(
    tmp_path: Path, stop: int, damage: Callable[[Any], object]
) -> None:
    refused(tmp_path, stop, lambda content: damage(content["state"]))


def refused(folder: Path, stop: int, damage: Callable[[Any], object]) -> None:
    """A run of 2 Gaussian, 2 rounded and 2 integer epochs does not go on from a damaged checkpoint."""
    file = folder / "run.ckpt"
    content = torch.load(io.BytesIO(stopped(stop)), weights_only=True)
    damage(content)
    torch.save(content, file)
    with pytest.raises(ModelFileError, match="name another file for it"):
        train(SHORT, data=order_task(40), checkpoint=file, resume=True)


SHORT = config(epochs=2, finetune_epochs=2, quantise_epochs=2)


@cache
def stopped(stop: int) -> bytes:
    """The checkpoint of a run that was interrupted when it had ended epoch `stop`."""

    def interrupt(metrics: EpochMetrics) -> None:
        if metrics.epoch + 1 == stop:
            raise KeyboardInterrupt

    with tempfile.TemporaryDirectory() as folder:
        with pytest.raises(KeyboardInterrupt):
            train(SHORT, data=order_task(40), checkpoint=Path(folder) / "x.ckpt", progress=interrupt)
        return (Path(folder) / "x.ckpt").read_bytes()
