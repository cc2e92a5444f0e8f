"""A report that takes the place of one that says more: told, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from models import ON_GOLDEN
from report_examples import equal, only_reference

from snnc.cli import main
from snnc.report.json_report import to_json
from snnc.report.replaced import former_report, lost

FULL = equal()
FEWER = replace(FULL, executors=FULL.executors[:3])


def test_executors_and_samples_that_are_gone_are_named() -> None:
    assert lost(FULL, FEWER, "copy it").startswith(
        "the former report, which this one replaces, compared lava-stock, lava-event; copy it"
    )
    both = lost(FULL, replace(only_reference(FULL), inputs={"golden": 8}), "copy it")
    assert "compared oracle, hwsim, lava-stock, lava-event and had 28 samples, not 8;" in both


def test_accuracies_that_are_gone_are_named() -> None:
    """Samples without labels replace those that had some; one stage of five is still there."""
    told = "the former report, which this one replaces, had the accuracy of "
    assert lost(FULL, replace(FULL, accuracy=()), "copy it") == (
        f"{told}float, delays rounded, finished, quantised only, quantised; copy it"
    )
    alone = replace(FULL, accuracy=FULL.accuracy[-1:])
    assert lost(FULL, alone, "copy it") == f"{told}float, delays rounded, finished, quantised only; copy it"
    assert lost(alone, FULL, "copy it") == ""


@pytest.mark.parametrize(
    "former",
    [FULL, FEWER, replace(FULL, inputs={"golden": 8}), replace(FULL, provenance={"graph_hash": "0" * 64})],
    ids=["the same", "fewer executors", "fewer samples", "another network"],
)
def test_nothing_is_told_of_a_report_that_had_no_more(former: object) -> None:
    assert lost(former, FULL, "") == ""  # type: ignore[arg-type]
    assert lost(replace(FULL, provenance={"graph_hash": "0" * 64}), only_reference(FULL), "") == ""


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"{}", b"[" * 100_000])
def test_what_is_no_report_is_replaced(tmp_path: Path, content: bytes | None) -> None:
    place = tmp_path / "report.json"
    if content is not None:
        place.write_bytes(content)
    assert former_report(place) is None
    place.write_text(to_json(FULL))
    assert former_report(place) is not None


def test_verify_tells(tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tiny_artifact), *ON_GOLDEN, "--executors", "oracle,hwsim"]) == 0
    assert "former report" not in capsys.readouterr().out
    narrow = ["verify", str(tiny_artifact), *ON_GOLDEN, "--executors", "oracle"]
    assert main([*narrow, "--output", str(tmp_path / "elsewhere")]) == 0
    assert "former report" not in capsys.readouterr().out
    assert main(narrow) == 0
    assert "note: the former report, which this one replaces, compared hwsim;" in capsys.readouterr().out
