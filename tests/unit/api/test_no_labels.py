"""Recordings without a label among others: each entrance takes them as the others do."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from float_nets import dense, graph, lif

import snnc
from snnc.cli import main
from snnc.errors import InputError, UnlikelyWarning

X = (np.random.default_rng(3).random((12, 9, 4)) < 0.3).astype(np.uint8)
X[:, :, 0] = np.arange(12)[:, None] % 2
NAMES = ["off", "on"] * 6
WITHOUT = [1, 4, 5]
NONE = ["?", "", None, float("nan")]
NO_CLASSES = r"and no classes say which number each has; give "
"""What `from_arrays` says of names."""


def some(none: Any) -> list[Any]:
    return [none if at in WITHOUT else name for at, name in enumerate(NAMES)]


@pytest.fixture(scope="module")
def network() -> snnc.Network:
    read = replace(graph(lif(4), dense(*np.eye(4).tolist()), steps=9), bin_s=0.002)
    named = tuple(replace(each, class_names=("off", "on", "x", "y")) for each in read.readouts)
    return snnc.Network(replace(read, readouts=named), "other")


@pytest.fixture(scope="module")
def exported(network: snnc.Network, tmp_path_factory: pytest.TempPathFactory) -> snnc.Exported:
    return network.export("c", tmp_path_factory.mktemp("networks") / "other")


def verified(exported: snnc.Exported, *x: Any, **options: Any) -> snnc.Verified:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnlikelyWarning)
        return exported.verify(
            *x, executors="hwsim", generated=0, allow_missing=True, verbose=False, **options
        )


def right(exported: snnc.Exported) -> int:
    told = [exported.graph.readouts[0].class_names[each] for each in exported.predict(X)]
    return sum(told[at] == NAMES[at] for at in range(12) if at not in WITHOUT)


@pytest.mark.parametrize("none", NONE)
def test_arrays_with_labels_and_recordings_of_them(
    exported: snnc.Exported, none: Any, tmp_path: Path
) -> None:
    labels = some(none)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnlikelyWarning)
        at = [np.nonzero(each) for each in X]
        of_events = snnc.from_events(
            [steps for steps, _ in at], [lines for _, lines in at], labels, tick_s=0.002, lines=4
        )
    of_arrays = snnc.from_arrays(X, labels, dt=0.002, classes=["on", "off"])
    assert "12 of 2 classes (3 without a label)" in repr(of_events)
    assert "12 of 2 classes (3 without a label)" in repr(of_arrays)
    for found in (
        verified(exported, X, labels=labels),
        verified(exported, X, labels=iter(labels)),
        verified(exported, of_arrays),
        verified(exported, of_events),
    ):
        assert found.report.inputs["input"] == 12
        assert {(each.correct, each.total) for each in found.report.accuracy} == {(right(exported), 9)}
        assert "3 of 12 samples have no label" in found.notes


@pytest.mark.parametrize("none", ["?", ""])
@pytest.mark.parametrize("numbered", [False, True])
def test_files_of_arrays(
    exported: snnc.Exported,
    none: str,
    numbered: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Names of classes, or their numbers as `numpy.unique` makes them, "" among them."""
    labels = np.array(some(none))
    classes, numbers = np.unique(labels, return_inverse=True)
    given = {"labels": numbers, "classes": classes} if numbered else {"labels": labels}
    np.savez(tmp_path / "some.npz", spikes=X, dt=0.002, **given)
    table = tmp_path / "table.csv"
    assert (
        main(["run", str(exported.path), "-i", str(tmp_path / "some.npz"), "--predictions", str(table)]) == 0
    )
    shown = " ".join(capsys.readouterr().out.split())
    assert "3 of 12 samples have no label" in shown
    assert "has no class called" not in shown
    rows = [line.split(",") for line in table.read_text().splitlines()[1:]]
    assert [row[1] for row in rows] == ["" if at in WITHOUT else name for at, name in enumerate(NAMES)]
    loaded = snnc.load_data(tmp_path / "some.npz").labelled()
    assert sorted(loaded.class_names) == ["off", "on"]
    assert len(loaded) == 9


@pytest.mark.parametrize("none", [*NONE, "on"])
@pytest.mark.parametrize("kind", [list, np.array, lambda labels: np.array(labels, object)])
def test_the_classes_that_are_offered_are_taken(none: Any, kind: Callable[[list[Any]], Any]) -> None:
    labels = kind(some(none))
    with pytest.raises(InputError, match=NO_CLASSES + r"classes=\['off', 'on'\]$"):
        snnc.from_arrays(X, labels, dt=0.002)
    found = snnc.from_arrays(X, labels, dt=0.002, classes=["off", "on"])
    without = [at for at in WITHOUT if none != "on"]
    told = [found.class_names[each] for each in found.labels]
    assert [at for at in range(12) if told[at] == "?"] == without
    assert all(told[at] == NAMES[at] for at in range(12) if at not in WITHOUT)


@pytest.mark.parametrize("none", NONE)
def test_many_classes_are_offered_as_what_finds_them(none: Any) -> None:
    labels = [none, *(f"a name that is long, number {at}" for at in range(11))]
    for given in (labels, np.array(labels, object), np.array(labels)):
        with pytest.raises(InputError, match=NO_CLASSES + r"classes=sorted") as raised:
            snnc.from_arrays(X, given, dt=0.002)
        offered = str(raised.value).partition("classes=")[2]
        classes = eval(offered, {"labels": given})
        found = snnc.from_arrays(X, given, dt=0.002, classes=classes)
        assert found.class_names == (*sorted(labels[1:]), "?")
        assert found.labels[0] == 11


def test_where_no_name_is_known_none_is_offered() -> None:
    with pytest.raises(InputError, match=r"none of them is known .*, so give classes, the names of all$"):
        snnc.from_arrays(X, ["?", ""] * 6, dt=0.002)


@pytest.mark.parametrize("kind", [list, np.array])
def test_a_class_that_is_named_nan_is_one(kind: Callable[[list[str]], Any]) -> None:
    labels = kind(["off", "nan"] * 6)
    at = [np.nonzero(each) for each in X]
    of_events = [steps for steps, _ in at], [lines for _, lines in at], labels
    found = snnc.from_arrays(X, labels, dt=0.002, classes=["off", "nan"])
    assert (found.class_names, found.labels.tolist()) == (("off", "nan"), [0, 1] * 6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnlikelyWarning)
        found = snnc.from_events(*of_events, tick_s=0.002, lines=4, classes=["off", "nan"])
        assert (found.class_names, found.labels.tolist()) == (("off", "nan"), [0, 1] * 6)
        found = snnc.from_events(*of_events, tick_s=0.002, lines=4)
    assert [found.class_names[each] for each in found.labels] == ["off", "?"] * 6


@pytest.mark.parametrize("events", [False, True])
@pytest.mark.parametrize("none", [None, float("nan")])
def test_a_file_of_objects_is_told_what_writes_its_labels(none: Any, events: bool, tmp_path: Path) -> None:
    labels = np.array(some(none), object)
    content = {"spikes": X, "dt": 0.002}
    if events:
        each = {"times": np.arange(24), "units": np.arange(24) % 4, "offsets": np.arange(0, 25, 2)}
        content = {**each, "tick_s": 0.002}
    np.savez(tmp_path / "some.npz", **content, labels=labels)
    with pytest.raises(
        InputError, match=r"array 'labels' holds pickled Python objects, .*write texts, with '\?'"
    ) as told:
        snnc.load_data(tmp_path / "some.npz")
    assert "cannot be read" not in str(told.value)
    remedy = str(told.value).partition("labels = ")[2]
    np.savez(tmp_path / "some.npz", **content, labels=eval(remedy, {"labels": labels, "np": np}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnlikelyWarning)
        found = snnc.load_data(tmp_path / "some.npz")
    assert [found.class_names[each] for each in found.labels] == some("?")


def test_without_any_label_all_are_compared(exported: snnc.Exported) -> None:
    found = verified(exported, X, labels=["?"] * 12)
    assert found.report.inputs["input"] == 12
    assert found.accuracy == {}


def test_a_misspelt_class_is_no_missing_label(exported: snnc.Exported) -> None:
    labels = [*some("?")[:-1], "onn"]
    with pytest.raises(
        InputError, match=r"^labels\[11\] is 'onn', none of the classes \(did you mean 'on'\?\)"
    ):
        verified(exported, X, labels=labels)
    with pytest.raises(
        InputError, match=r"^labels\[11\] is 'onn', none of the classes \(did you mean 'on'\?\)"
    ):
        snnc.from_arrays(X, labels, dt=0.002, classes=["off", "on"])


@pytest.mark.parametrize("none", NONE)
def test_what_trains_needs_each(network: snnc.Network, none: Any) -> None:
    labels = some(none)
    told = r"^labels: 3 of 12 samples have no label \(first: sample 1\), .*; leave them out: known = "
    with pytest.raises(InputError, match=told) as raised:
        snnc.finetune(network, X, labels, target="c", epochs=1, verbose=False)
    remedy = str(raised.value).partition("known = ")[2].partition(", then")[0]
    assert eval(remedy, {"labels": labels}) == [at for at in range(12) if at not in WITHOUT]
    data = snnc.from_arrays(X, labels, dt=0.002, classes=["off", "on"], name="some")
    told = r"^event data 'some': 3 of 12 recordings have no label \(class '\?'; first: recording 1\), and "
    with pytest.raises(InputError, match=told + "fine-tuning needs one of each; leave them out: .*labelled"):
        snnc.finetune(network, data, target="c", epochs=1, verbose=False)
    with pytest.raises(InputError, match=told + "training needs one of each; leave them out: .*labelled"):
        snnc.train(data, hidden=[4], epochs=1, verbose=False)
    assert data.labelled().class_names == ("off", "on")
    assert data.labelled().labels.tolist() == [at % 2 for at in range(12) if at not in WITHOUT]
