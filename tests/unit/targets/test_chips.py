"""Chips as data: their limits have sources, are those published and those of the documentation."""

from __future__ import annotations

import pytest
from chip_graphs import CHIPS, limits
from places import DOCS

from snnc.target import NO_LIMIT, limit_names
from snnc.targets.registry import load_target


@pytest.mark.parametrize("chip", CHIPS)
def test_every_limit_has_a_source_and_says_what_kind(chip: str) -> None:
    target = load_target(chip)
    assert target.emit is None
    assert "limits only" in target.description
    for name in limit_names():
        source = target.limits.sources[name]
        assert source.strip() == source != ""
        if getattr(target.limits, name) is not None:
            assert source != "none published", name


@pytest.mark.parametrize(
    ("chip", "limit", "value"),
    [
        # From the publications; not from the files.
        ("truenorth", "cores", 4096),
        ("truenorth", "axons_in_per_core", 256),
        ("truenorth", "neurons_per_core", 256),
        ("truenorth", "weights_per_neuron", 4),
        ("truenorth", "weight_bits", 9),
        ("truenorth", "state_bits", 20),
        ("truenorth", "delay_min", 1),
        ("truenorth", "delay_max", 15),
        ("truenorth", "delays_per_source", 1),
        ("spinnaker1", "delay_min", 1),
        ("spinnaker1", "delay_max", 32),
        ("spinnaker2", "delay_max", 7),
        ("spinnaker2", "cores", 152),
        ("seneca", "delays_per_source", 1),
        ("loihi1", "neurons_per_core", 1024),
        ("loihi2", "neurons_per_core", 8192),
    ],
)
def test_limits_as_published(chip: str, limit: str, value: int) -> None:
    assert getattr(load_target(chip).limits, limit) == value


def test_the_table_in_the_documentation() -> None:
    """docs/chips.md shows every limit of every chip; ¹ where its source says secondary, ² assumption."""
    text = (DOCS / "chips.md").read_text()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line[:1] == "|"]
    table = {row[0].replace(" ", "_"): row[1:] for row in rows if len(row) == len(CHIPS) + 1}
    assert table["limit"] == list(CHIPS)
    for name in limit_names():
        for chip, cell in zip(CHIPS, table[name], strict=True):
            value, source = getattr(limits(chip), name), limits(chip).sources[name]
            assert ("¹" in cell, "²" in cell) == (
                "secondary" in source,
                "assumption" in source and "secondary" not in source,
            ), (name, chip)
            shown = cell.rstrip("¹²").replace(",", "")
            assert shown == ("–" if value is None else "none" if value >= NO_LIMIT - 1 else str(value))
