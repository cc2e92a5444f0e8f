"""Steps of a file that are others than the network's are told wherever they move events."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from finetune_nets import CLASSES, LINES, STEPS, events, network
from order_task import config, order_task
from own_samples import written

import snnc
from snnc.api.network import Network
from snnc.cli import main
from snnc.errors import InputError, UnlikelyWarning
from snnc.io.npz import read_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model

pytestmark = pytest.mark.slow
MOVED = (
    "its events are put into those by their times; those of one line in one step count as one; if its steps "
    "are the network's, it needs dt="
)
OF_ORDER = f"has steps of 0.005 s, the network of 0.01 s: {MOVED}0.01"
"""The step of `config`."""
OF_GRAPH = f"has steps of 0.0005 s, the network of 0.001 s: {MOVED}0.001"


def in_steps(path, step_s, count=20):
    """Recordings of `order_task`, which last 0.12 s, in steps of `step_s` seconds."""
    task = order_task(count)
    spikes = task.frames(np.arange(count), step_s, round(0.12 / step_s))
    return written(path, spikes=spikes, labels=task.labels, classes=np.array(task.class_names), dt=step_s)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model that was trained on events, its artifact, and a file of half of its step."""
    folder = tmp_path_factory.mktemp("steps")
    told = config(epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told, data=order_task(40)), folder / "m.pt")
    snnc.load(folder / "m.pt").export("c", folder / "m.c")
    in_steps(folder / "own.npz", 0.005)
    return folder


def said(args, capsys) -> str:
    assert main([str(each) for each in args]) == 0
    told = capsys.readouterr()
    return " ".join((told.out + told.err).split())


def test_every_command_tells(trained, capsys, tmp_path) -> None:
    model, made, own = trained / "m.pt", trained / "m.c", trained / "own.npz"
    quick = ["--executors", "hwsim", "--generated", 0, "--output", tmp_path / "report"]
    for args in (
        ["test", model, "--dataset", own],
        ["test", model, "--dataset", own, "--split", "validation"],
        ["run", made, "-i", own],
        ["verify", made, "-i", own, *quick],
        ["verify", made, "--dataset", own, *quick],
        ["export", model, "--target", "c", "--dataset", own, "-o", tmp_path / "out"],
    ):
        of = "input: " if args[0] == "verify" and "-i" in args else ""
        assert f"note: {of}own.npz {OF_ORDER}" in said(args, capsys), args
    own = in_steps(tmp_path / "own.npz", 0.01)
    for args in (["test", model, "--dataset", own], ["run", made, "-i", own]):
        assert "has steps of" not in said(args, capsys)


def test_python_warns_in_the_same_words(trained) -> None:
    path = trained / "own.npz"
    recordings, model, made = snnc.load_data(path), snnc.load(trained / "m.pt"), snnc.load(trained / "m.c")
    quick = {"executors": "hwsim", "generated": 0, "verbose": False}
    for call, name in (
        (lambda: snnc.test(model, path), "own.npz"),
        (lambda: snnc.test(model, recordings), "own"),
        (lambda: made.predict(recordings), "own"),
        (lambda: made.run(recordings), "own"),
        (lambda: made.verify(data=path, **quick), "own.npz"),
        (lambda: made.verify(data=recordings, **quick), "own"),
    ):
        with pytest.warns(UnlikelyWarning) as found:
            call()
        of_order = [each for each in found if str(each.message) == f"{name} {OF_ORDER}"]
        assert [each.filename for each in of_order] == [__file__]
        assert all(
            "trained the network is not known" in str(each.message) for each in found if each not in of_order
        )


def test_of_a_network_that_snnc_did_not_train(tmp_path) -> None:
    """Its steps are 1 ms; every step of the file is half of one, and no event is moved onto another."""
    labels, x = np.arange(20) % CLASSES, events(20)
    halves = np.zeros((20, 2 * STEPS, LINES), np.uint8)
    halves[:, ::2] = x
    path = written(tmp_path / "own.npz", spikes=halves, labels=labels, dt=0.0005)
    net, recordings = Network(network(), "net"), snnc.load_data(path)
    exported = net.export("c", tmp_path / "net.c")
    right = exported.predict(x)
    with pytest.warns(UnlikelyWarning, match=f"^own {OF_GRAPH}$"):
        np.testing.assert_array_equal(exported.predict(recordings), right)
    with pytest.warns(UnlikelyWarning, match=f"^own {OF_GRAPH}$"):
        exported.verify(data=recordings, executors="hwsim", generated=0, verbose=False)
    with pytest.warns(UnlikelyWarning, match=f"^own.npz {OF_GRAPH}$"):
        snnc.finetune(net, path, target="c", epochs=1, verbose=False)


def test_an_export_in_python_says_that_a_file_names_no_step(tmp_path) -> None:
    """As the command does of the same file."""
    path = written(tmp_path / "own.npz", spikes=events(20))
    with pytest.warns(UnlikelyWarning, match=r"^own\.npz has no dt: its steps are taken for 0\.001 s each$"):
        Network(network(), "net").export("c", tmp_path / "net.c", data=path)


def test_an_export_in_python_says_that_a_file_has_another_step(trained, tmp_path) -> None:
    path, model = trained / "own.npz", snnc.load(trained / "m.pt")
    for number, (data, name) in enumerate([(path, "own.npz"), (snnc.load_data(path), "own")]):
        with pytest.warns(UnlikelyWarning, match=f"^{name} {OF_ORDER}$"):
            model.export("c", tmp_path / f"{number}.c", data=data)


def test_steps_as_of_training_need_no_note(tmp_path, capsys) -> None:
    """A network in steps of 10 ms that was trained on samples of 5 ms gets others of 5 ms, and of 2.5 ms."""
    own = in_steps(tmp_path / "own.npz", 0.005, 40)
    told = config(dataset=str(own), epochs=1, finetune_epochs=0, quantise_epochs=0)
    model = train(told)
    assert model.metrics["data"]["step_s"] == 0.005
    save_model(model, tmp_path / "m.pt")
    same, finer = in_steps(tmp_path / "same.npz", 0.005), in_steps(tmp_path / "finer.npz", 0.0025)
    exported = snnc.load(tmp_path / "m.pt").export("c", tmp_path / "m.c")
    for path, words in ((same, False), (finer, True)):
        assert ("has steps of" in said(["test", tmp_path / "m.pt", "--dataset", path], capsys)) is words
        assert ("has steps of" in said(["run", tmp_path / "m.c", "-i", path], capsys)) is words
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exported.predict(snnc.load_data(same))
    with pytest.warns(UnlikelyWarning, match=r"finer has steps of 0\.0025 s"):
        exported.predict(snnc.load_data(finer))


def test_recordings_that_are_too_long_by_their_step_name_it(tmp_path, refused) -> None:
    path = written(
        tmp_path / "own.npz", spikes=np.ones((4, STEPS, LINES), int), labels=np.arange(4) % 3, dt=0.002
    )
    Network(network(), "net").export("c", tmp_path / "net.c")
    cause = (
        "recording 0 needs 23 steps of 0.001 s, time_steps is 12, and its own steps are of 0.002 s: if they "
        "are the network's, it needs dt=0.001; otherwise raise time_steps, or padding_steps, in training; "
        "for a network that is trained or converted, give recordings of 12 steps, which end before 0.012 s, "
        "or convert it with their dt, 0.002"
    )
    assert cause in refused("run", tmp_path / "net.c", "-i", path)
    with pytest.warns(UnlikelyWarning), pytest.raises(InputError) as found:
        snnc.load(tmp_path / "net.c").predict(snnc.load_data(path))
    assert cause in str(found.value)


def test_steps_that_are_all_within_the_first_of_the_network_are_refused(trained, tmp_path, refused) -> None:
    """A `dt` of microseconds for one of milliseconds; every command names both steps."""
    with np.load(trained / "own.npz") as arrays:
        path = written(tmp_path / "own.npz", **{**arrays, "dt": 5e-6})
    model, made = trained / "m.pt", trained / "m.c"
    said_of = (
        "all its events fall into the network's first step, of 0.01 s",
        "its own steps are of 5e-06 s: if they are the network's, it needs dt=0.01",
    )
    for args in (
        ["test", model, "--dataset", path],
        ["test", model, "--dataset", path, "--split", "validation"],
        ["run", made, "-i", path],
        ["verify", made, "-i", path],
        ["verify", made, "--dataset", path],
        ["export", model, "--target", "c", "--dataset", path, "-o", tmp_path / "out"],
    ):
        told = refused(*args)
        assert all(each in told for each in said_of), args
    recordings, exported = snnc.load_data(path), snnc.load(made)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnlikelyWarning)
        with pytest.raises(InputError, match="x: own: all its events fall into the network's first step"):
            exported.predict(recordings)


def test_of_a_graph_steps_within_the_first_are_refused(tmp_path) -> None:
    path = written(tmp_path / "own.npz", spikes=events(20), labels=np.arange(20) % CLASSES, dt=1e-6)
    net, recordings = Network(network(), "net"), snnc.load_data(path)
    exported = net.export("c", tmp_path / "net.c")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnlikelyWarning)
        for call in (
            lambda: exported.predict(recordings),
            lambda: exported.verify(data=recordings, executors="hwsim", generated=0, verbose=False),
            lambda: snnc.finetune(net, path, target="c", epochs=1, verbose=False),
            lambda: net.export("c", tmp_path / "again.c", data=path),
        ):
            with pytest.raises(InputError, match="all its events fall into the network's first step"):
                call()


def test_more_steps_than_the_network_has_would_fit_with_no_other_dt(tmp_path, refused) -> None:
    """26 steps of half of the network's are 13 of these, and more than 12 also if they were the network's."""
    path = written(
        tmp_path / "own.npz", spikes=np.ones((4, 26, LINES), int), labels=np.arange(4) % 3, dt=0.0005
    )
    Network(network(), "net").export("c", tmp_path / "net.c")
    told = refused("run", tmp_path / "net.c", "-i", path)
    assert "recording 0 needs 13 steps of 0.001 s, time_steps is 12: raise time_steps" in told
    assert told.rstrip().endswith("which end before 0.012 s, or convert it with their dt, 0.0005")


def test_one_array_of_a_file_may_be_read(tmp_path) -> None:
    path = written(tmp_path / "own.npz", spikes=np.ones(3, int), dt=0.5)
    assert read_npz(path, only=("dt",)) == {"dt": 0.5}
