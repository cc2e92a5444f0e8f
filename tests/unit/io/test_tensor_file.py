"""Files of tensors: equal content is equal bytes."""

from __future__ import annotations

import copy

import torch

from snnc.io.tensor_file import tensor_bytes


def content() -> dict:
    said = "a text that stands in several places"
    return {
        "first": said,
        "rows": [{"phase": said, "loss": 0.5}, {"phase": said, "loss": 0.25}],
        "pair": (said, 3),
        "weight": torch.arange(6.0).reshape(2, 3),
    }


def with_own_texts(value: object) -> object:
    """Each text an object of its own, as where a part was read from a file."""
    if isinstance(value, str):
        return "".join(list(value))
    if isinstance(value, dict):
        return {with_own_texts(key): with_own_texts(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(with_own_texts(each) for each in value)
    return copy.copy(value)


def test_texts_that_are_one_object_or_several_are_written_alike() -> None:
    assert tensor_bytes(content()) == tensor_bytes(with_own_texts(content()))
