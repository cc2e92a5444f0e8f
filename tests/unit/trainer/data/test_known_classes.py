"""Recordings of classes that are known: where in their paths these stand."""

from __future__ import annotations

import pytest

from snnc.trainer.data.known_classes import layout_of_known

CLASSES = ("knock", "bell", "front door", "1", "2", "a")


@pytest.mark.parametrize(
    ("paths", "layout"),
    [
        (["knock/1.wav", "bell/1.wav"], "{class}/{}"),
        (["ann/knock/1.wav", "bo/bell/1.wav"], "{speaker}/{class}/{}"),
        (["knock/ann/1.wav", "bell/bo/1.wav"], "{class}/{speaker}/{}"),
        (["house_3/knock_11.wav", "house_3/front door_1.wav"], "{speaker}/{class}_{}"),
        (["monday/knock.wav", "monday/bell.wav"], "{}/{class}"),
        (["knock.wav"], "{class}"),
        (["ann-2-knock.wav", "bo-3-bell.wav"], "{}-{}-{class}"),
        (["a/b/c/11 knock 2.wav", "a/b/d/12 bell 2.wav"], "{}/{} {class} {}"),
        # Of one of them nothing tells a class.
        (["knock_1.wav", "other_1.wav"], None),
        (["knock/1.wav", "1.wav"], None),
        (["knocking_1.wav"], None),
        # Numbers and letters count recordings.
        (["1.wav", "2.wav"], None),
        (["new_1.wav", "new_2.wav"], None),
        (["a.wav", "house_3/a.wav"], None),
        (["house_3/a_1.wav"], None),
    ],
)
def test_layout(paths: list[str], layout: str | None) -> None:
    assert layout_of_known(paths, CLASSES) == layout
