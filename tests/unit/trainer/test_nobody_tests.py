"""An empty list of `test_speakers`: no recording of a data set is kept for testing."""

from dataclasses import replace

import numpy as np
import pytest
from order_task import config, order_task

from snnc.errors import ConfigError
from snnc.trainer.config import load_config, make_config
from snnc.trainer.data import load_digits
from snnc.trainer.splitting import published_parts, splits_of

BASE = {"channel_shift": 0, "bin_s": 0.01}


def test_an_empty_list_keeps_nobody_for_testing() -> None:
    written = {"dataset": "order.npz", "test_speakers": [], **BASE}
    kept = load_config("digits", written)
    assert kept.tests_nobody
    parts = splits_of(kept, order_task(40))
    assert len(parts.test) == 0
    assert set(parts.validation.speaker.tolist()) == {9}
    assert set(parts.train.speaker.tolist()) == set(range(9))
    recorded = make_config(kept.model_dump(mode="json"))
    assert recorded == kept
    digits = splits_of(load_config("digits", {"test_speakers": []}), load_digits())
    assert (len(digits.train), len(digits.validation), len(digits.test)) == (2160, 240, 0)


def test_a_list_that_is_empty_in_a_record_alone_is_none() -> None:
    """A recorded configuration names all fields, in earlier releases without `testing`."""
    record = config().model_dump(mode="json")
    record.pop("testing", None)
    assert record["test_speakers"] == []
    assert set(splits_of(make_config(record), order_task(40)).test.speaker.tolist()) == {8, 9}


def test_without_speakers_a_tenth_of_each_class_validates() -> None:
    data = replace(order_task(40), speaker=np.full(40, -1))
    parts = splits_of(load_config("digits", {"test_speakers": [], **BASE}), data)
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (36, 4, 0)
    assert parts.sharing.startswith(
        "no recording names its source (field `speaker`), so those of each class are divided at"
    )
    assert "into training and validation; if several" in parts.sharing


def test_nobody_and_somebody_contradict_each_other() -> None:
    with pytest.raises(ConfigError, match=r"test_speakers are \[3\], but testing = 'none'; leave one"):
        config(testing="none", test_speakers=[3], validation_speakers=[2])


def test_a_published_data_set_has_its_test_part() -> None:
    with pytest.raises(ConfigError, match="testing = 'none': dataset 'ssc' does not use it"):
        published_parts(config(dataset="ssc", testing="none"), ("train",))
