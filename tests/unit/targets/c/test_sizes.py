"""What is said of a C program's size, besides the numbers, which `tests/e2e/test_c_cli.py` compares."""

from __future__ import annotations

from pathlib import Path

import pytest
from models import saved, tiny_model

from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import export_file
from snnc.targets.c.sizes import FEWER_BITS, describe


@pytest.mark.parametrize(("bits", "told"), [(4, True), (8, False)])
def test_fewer_bits_are_said_to_save_no_flash(bits: int, told: bool, tmp_path: Path) -> None:
    artifact = export_file(
        saved(tiny_model(), tmp_path), "c", tmp_path / "net.c", ExportOptions(weight_bits=bits)
    )
    assert (FEWER_BITS in describe(artifact)) is told
