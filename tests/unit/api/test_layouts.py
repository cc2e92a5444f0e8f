"""Samples whose layout nobody says are read as the example of `from_torch` was, also from its artifact."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from torch import nn
from torch_networks import Loop

import snnc
from snnc.api import layouts
from snnc.conversion.neurons import CONVERTERS, Cell
from snnc.errors import InputError, UnlikelyWarning
from snnc.exporter.manifest import MANIFEST

STEPS, LINES = 4, 3
SQUARE = np.zeros((STEPS, 4, LINES), np.uint8)
"""[steps, samples, lines]: sample n fires line n modulo 3 in every step, so that its class is that."""
SQUARE[:, range(4), [0, 1, 2, 0]] = 1
RIGHT = [0, 1, 2, 0]
EXCHANGED = [0, 0, 0, 0]
"""With steps and samples exchanged, every sample has line 0 twice and the others once."""
WIDE = np.concatenate([SQUARE, SQUARE], axis=1)
BOTH = r"x: has the shape \[4, 4, 3\], which fits in the layout 'TNC' and in 'NTC', and is read in 'TNC'"


class Counter(nn.Module):
    """Spikes where more than half an event arrives; it forgets everything."""

    def forward(self, x):
        return (x > 0.5).float()


class SamplesFirst(nn.Module):
    """A module of [steps, samples, lines] as one of [samples, steps, lines]."""

    def __init__(self, of):
        super().__init__()
        self.of = of

    def forward(self, x):
        return self.of(x.transpose(0, 1)).transpose(0, 1)


@pytest.fixture(scope="module")
def network():
    before = dict(CONVERTERS)
    own = {"keep_u": 0.0, "keep_v": 0.0, "threshold": 0.5, "reset": "zero"}
    snnc.converter(Counter)(lambda module, name: Cell(name, own))
    yield snnc.from_torch(Loop(Counter()), SQUARE.astype(np.float32), dt=0.01, verbose=False)
    CONVERTERS.clear()
    CONVERTERS.update(before)


@pytest.fixture(scope="module", params=["exported", "loaded", "tuned"])
def made(network, request, tmp_path_factory):
    """What `export` returns, what is read of its folder, and of a network that was fine-tuned."""
    place = tmp_path_factory.mktemp(request.param) / "net.c"
    if request.param == "tuned":
        network = snnc.finetune(network, WIDE, target="c", epochs=1, verbose=False)
    exported = network.export("c", place)
    return exported if request.param == "exported" else snnc.load(place)


def test_samples_are_read_as_the_example_was(made) -> None:
    assert made.predict(WIDE).tolist() == RIGHT * 2
    assert made.run(WIDE)["step"].spikes.shape == (8, STEPS, LINES)
    verified = made.verify(WIDE, ["hwsim"], labels=RIGHT * 2, generated=0, verbose=False)
    assert verified.accuracy["quantised"] == 1.0


def test_samples_that_fit_in_two_layouts_are_read_as_the_example_with_a_warning(made) -> None:
    with pytest.warns(UnlikelyWarning, match=BOTH) as found:
        assert made.predict(SQUARE).tolist() == RIGHT
    assert found[0].filename == __file__
    with pytest.warns(UnlikelyWarning, match=BOTH):
        verified = made.verify(SQUARE, ["hwsim"], labels=RIGHT, generated=0, verbose=False)
    assert verified.accuracy["quantised"] == 1.0


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.5])
def test_values_that_are_no_events_do_not_make_two_layouts_of_one(network, tmp_path, value) -> None:
    """It is refused with its place, and no layout is said to be another than itself."""
    exported = network.export("c", tmp_path / "net.c")
    given = WIDE.swapaxes(0, 1).astype(float)
    given[5, 2, 1] = value
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        for how in (None, "NTC"):
            with pytest.raises(InputError, match=r"x.*: sample 5, step 2, line 1 holds "):
                exported.predict(given, layout=how)
    assert not [each for each in found if "fits in the layout" in str(each.message)]


def test_samples_of_an_example_with_samples_first_are_warned_of_too(network, tmp_path) -> None:
    """[samples, steps, lines] with as many samples as steps is also [steps, samples, lines]."""
    first = snnc.from_torch(
        SamplesFirst(Loop(Counter())),
        WIDE.swapaxes(0, 1).astype(np.float32),
        dt=0.01,
        layout="NTC",
        verbose=False,
    )
    exported = first.export("c", tmp_path / "net.c")
    said = r"x: has the shape \[4, 4, 3\], which fits in the layout 'NTC' and in 'TNC', and is read in 'NTC'"
    for made in (exported, snnc.load(tmp_path / "net.c")):
        with pytest.warns(UnlikelyWarning, match=said):
            assert made.predict(SQUARE.swapaxes(0, 1)).tolist() == RIGHT
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert made.predict(SQUARE.swapaxes(0, 1), layout="NTC").tolist() == RIGHT
            assert made.predict(SQUARE, layout="TNC").tolist() == RIGHT
            assert made.predict(WIDE.swapaxes(0, 1)).tolist() == RIGHT * 2
            assert made.predict(list(SQUARE.swapaxes(0, 1))).tolist() == RIGHT


@pytest.mark.parametrize(
    ("x", "layout", "classes"),
    [
        (SQUARE, "TNC", RIGHT),
        (SQUARE, "NTC", EXCHANGED),
        (WIDE.swapaxes(0, 1), "NTC", RIGHT * 2),
        (SQUARE[:, 1], None, [1]),
        (np.ones((4, 4, 3), np.uint8), None, EXCHANGED),  # the same samples either way
        (list(SQUARE.swapaxes(0, 1)), None, RIGHT),  # a list is one of samples
    ],
)
def test_nothing_is_said_where_one_layout_is_told_or_fits(made, x, layout, classes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert made.predict(x, layout=layout).tolist() == classes


@pytest.mark.parametrize(
    ("x", "read", "classes"),
    [
        (WIDE.swapaxes(0, 1), 8, RIGHT * 2),
        (SQUARE.swapaxes(0, 1)[2:3], 1, [2]),
    ],
)
def test_samples_in_another_order_than_the_example_are_warned_of(made, x, read, classes) -> None:
    said = (
        rf"x: has the shape \[{read}, 4, 3\], which does not fit in the layout 'TNC' that .*, and is read in "
        rf"'NTC': {read} samples of 4 steps; pass layout='NTC' if .* an example of {read} steps$"
    )
    with pytest.warns(UnlikelyWarning, match=said) as found:
        assert made.predict(x).tolist() == classes
    assert found[0].filename == __file__
    with pytest.warns(UnlikelyWarning, match=said):
        assert len(made.run(x)["step"].spikes) == len(classes)
    with pytest.warns(UnlikelyWarning, match=said):
        made.verify(x, ["hwsim"], generated=0, verbose=False)


def test_what_fits_in_none_says_how_it_was_read(made) -> None:
    said = r"x \(read in the layout 'TNC', as the example of from_torch was\): sample 0 has 5 steps"
    with pytest.raises(InputError, match=said):
        made.predict(np.zeros((5, 9, LINES), np.uint8))


def test_finetune_reads_as_the_example(network) -> None:
    found = snnc.finetune(network, WIDE, RIGHT * 2, target="c", epochs=1, verbose=False)
    assert found.finetuned.accuracy == (1.0, 1.0)
    with (
        pytest.warns(UnlikelyWarning, match="data: has the shape"),
        pytest.raises(InputError, match="4 samples"),
    ):
        snnc.finetune(network, SQUARE, target="c", epochs=1, verbose=False)


def test_recordings_have_no_layout(made) -> None:
    recordings = snnc.from_arrays(SQUARE.swapaxes(0, 1), RIGHT, dt=0.01)
    assert made.predict(recordings).tolist() == RIGHT


def test_the_command_of_the_report_says_the_layout_that_was_told(made) -> None:
    verified = made.verify(SQUARE, ["hwsim"], layout="TNC", generated=0, verbose=False)
    assert "layout='TNC'" in verified.report.command
    verified = made.verify(WIDE, ["hwsim"], generated=0, verbose=False)
    assert "layout" not in verified.report.command


@pytest.mark.parametrize(
    ("own", "shape", "layout"),
    [
        ("TNCHW", (4, 5, 3, 1, 2), "TNCHW"),
        ("TNCHW", (4, 5, 6), "TNC"),  # features in one row, in the example's order of time and samples
        ("TNCHW", (5, 4, 6), "NTC"),
        ("TCHW", (4, 3, 1, 2), "TCHW"),
        ("TC", (5, 4, 6), "NTC"),
        ("NCT", (5, 6, 4), "NCT"),
        ("NCT", (5, 4, 6), "NTC"),
    ],
)
def test_the_order_of_time_and_samples_is_that_of_the_example(own, shape, layout) -> None:
    from spike_counters import spike_counter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnlikelyWarning)
        found = layouts.untold(np.zeros(shape), spike_counter(lines=6, steps=4), own, "x")
    assert found == (layout, "x")


@pytest.mark.parametrize("wrong", [7, None, "", "XYZ", "N" * 40, ["T"], "T\n"])
def test_an_artifact_with_no_layout_is_read_with_samples_first(network, tmp_path, wrong) -> None:
    network.export("c", tmp_path / "net.c")
    manifest = tmp_path / "net.c" / MANIFEST
    record = json.loads(manifest.read_text())
    assert record["provenance"]["example_layout"] == "TNC"
    record["provenance"]["example_layout"] = wrong
    manifest.write_text(json.dumps(record))
    assert snnc.load(tmp_path / "net.c").predict(SQUARE).tolist() == EXCHANGED


def test_as_many_labels_as_steps_say_that_the_example_was_exchanged(made) -> None:
    """`WIDE` with 4 labels: of an example whose 4 samples were read as 4 steps."""
    said = (
        r"labels are 4, and there are 8 samples; 4 is the number of steps of the network: samples and time "
        r"look exchanged in the example of from_torch, which was read in layout 'TNC'; if they are, pass "
        r"from_torch layout='NTC', or the example as \[steps, samples, C\] if the module takes that"
    )
    with pytest.raises(InputError, match=said):
        made.verify(WIDE, ["hwsim"], labels=RIGHT, generated=0, verbose=False)
    with pytest.raises(
        InputError, match=r"labels are 3 \(int64\), and there are 8 samples; give a whole number"
    ):
        made.verify(WIDE, ["hwsim"], labels=RIGHT[:3], generated=0, verbose=False)


def test_finetune_says_so_too(network) -> None:
    with pytest.raises(
        InputError, match="4 is the number of steps of the network: samples and time look exch"
    ):
        snnc.finetune(network, WIDE, RIGHT, target="c", epochs=1, verbose=False)


def test_the_layout_that_the_error_names_mends_it(network, tmp_path) -> None:
    """8 samples of 4 steps, which were read as 4 samples of 8 steps."""
    x, module = WIDE.transpose(1, 0, 2), SamplesFirst(Loop(Counter()))
    wrong = snnc.from_torch(module.of, x.astype(np.float32), dt=0.01, verbose=False)
    exported = wrong.export("c", tmp_path / "wrong.c", verbose=False)
    with pytest.raises(InputError, match=r"labels are 8, and there are 4 samples; 8 is .* layout='NTC'"):
        exported.verify(x, ["hwsim"], labels=RIGHT * 2, generated=0, verbose=False)
    right = snnc.from_torch(module, x.astype(np.float32), dt=0.01, layout="NTC", verbose=False)
    verified = right.export("c", tmp_path / "right.c", verbose=False).verify(
        x, ["hwsim"], labels=RIGHT * 2, generated=0, verbose=False
    )
    assert verified.accuracy["quantised"] == 1.0
