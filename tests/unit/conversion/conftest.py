"""Converters that a test registers are gone after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from snnc.conversion.neurons import CONVERTERS


@pytest.fixture(autouse=True)
def converters_as_they_were() -> Iterator[None]:
    kept = dict(CONVERTERS)
    yield
    CONVERTERS.clear()
    CONVERTERS.update(kept)
