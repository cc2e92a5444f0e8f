"""Recordings to train, validate and test with."""

from dataclasses import replace

import pytest
from order_task import config, order_task

from snnc.trainer.loop import train
from snnc.trainer.splitting import splits_of


@pytest.mark.parametrize(("speakers", "lines"), [(2, 1), (3, 0)])
def test_shared_speakers_are_told(speakers: int, lines: int) -> None:
    data, said = order_task(40), list[str]()
    data = replace(data, speaker=data.speaker % speakers)
    train(config(epochs=1, finetune_epochs=0), data=data, notify=said.append)
    assert len(said) == lines
    assert all("training, validation and test share sources (field `speaker`)" in line for line in said)


def test_named_speakers_are_held_out() -> None:
    parts = splits_of(config(validation_speakers=[2], test_speakers=[5, 6]), order_task())
    assert set(parts.validation.speaker.tolist()) == {2}
    assert set(parts.test.speaker.tolist()) == {5, 6}
    assert set(parts.train.speaker.tolist()) == {0, 1, 3, 4, 7, 8, 9}
