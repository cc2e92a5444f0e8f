"""Fixtures shared by the tests of commands."""

from __future__ import annotations

import pytest
from trace_files import three_samples


@pytest.fixture
def spikes(tmp_path):
    return three_samples(tmp_path)
