"""Sources of several parts that a network knows, in paths of another layout than those of its training."""

from __future__ import annotations

import pytest

from snnc.trainer.data.known_classes import layout_of_most
from snnc.trainer.data.known_sources import with_known_source

SITES, CLASSES = ("site1", "site2", "site3"), ("ok", "worn")


def paths(form: str, machines: tuple[str, ...] = ("mach1", "mach2")) -> list[str]:
    """Recordings of each machine of each site; site3 is new."""
    return [
        form.format(site=site, machine=machine, kind=kind, n=n) + ".wav"
        for site in SITES
        for machine in machines
        for kind in CLASSES
        for n in (1, 2)
    ]


@pytest.mark.parametrize(
    ("form", "layout"),
    [
        ("{site}_{machine}_{kind}_{n}", "{speaker}_{speaker}_{class}_{}"),
        ("{site}-{machine}_{kind}_{n}", "{speaker}_{class}_{}"),  # one text, which is spelt otherwise
        ("{site}/{machine}/{kind}/x{n}", "{speaker}/{speaker}/{class}/{}"),
        ("{kind}/{site}/{machine}/x{n}", "{class}/{speaker}/{speaker}/{}"),
        ("{kind}/{site}_{machine}_{n}", "{class}/{speaker}_{speaker}_{}"),
        ("{site}/{kind}/{machine}/{n}", "{speaker}/{class}/{speaker}/{}"),
        ("2026-03-0{n}/{site}/{machine} {kind} x", "{}/{speaker}/{speaker} {class} {}"),
        ("{site}/day{n}/{machine}/{kind}/x", "{speaker}/{}/{speaker}/{class}/{}"),
    ],
)
def test_each_part_of_a_source_is_found(form: str, layout: str) -> None:
    known = [f"{site}/{machine}" for site in SITES[:2] for machine in ("mach1", "mach2")]
    found = layout_of_most(paths(form), CLASSES, known)
    assert found is not None
    assert found[0] == layout
    if form.startswith("{kind}/"):
        assert with_known_source("{class}/{}", paths(form), known) == layout


def test_a_part_may_be_several_words() -> None:
    flat = paths("{site}_{machine}_{kind}_{n}", ("pump_1", "pump_2"))
    found = layout_of_most(flat, CLASSES, ["site1/pump_1", "site2/pump_2"])
    assert found is not None
    assert found[0] == "{speaker}_{speaker}_{speaker}_{class}_{}"
    deep = [f"far/{path}" for path in paths("{site}/{machine}_{kind}_{n}")]
    found = layout_of_most(deep, CLASSES, ["far/site1/mach1", "far/site1/mach2"])
    assert found is not None
    assert found[0] == "{speaker}/{speaker}/{speaker}_{class}_{}"


def test_running_numbers_are_no_part_of_a_source() -> None:
    """Machines are called 1 and 2, and so are takes."""
    known = ["site1/1", "site1/2", "site2/1"]
    found = layout_of_most(paths("{site}_{machine}_{kind}_{n}", ("1", "2")), CLASSES, known)
    assert found is not None
    assert found[0] == "{speaker}_{speaker}_{class}_{}"
    found = layout_of_most(paths("{site}_{kind}_{n}", ("1",)), CLASSES, known)
    assert found is not None
    assert found[0] == "{speaker}_{class}_{}"


def test_parts_in_another_order_or_of_another_source_are_not_those() -> None:
    known = ["site1/mach1", "site2/mach2"]
    assert with_known_source("{class}/{}", paths("{kind}/{machine}/{site}/{n}"), known) is None
    assert with_known_source("{class}/{}", ["ok/site1/mach2/1.wav", "ok/site2/mach1/1.wav"], known) is None
    assert with_known_source("{class}/{}", ["ok/site1/1.wav"], known) is None
