"""Pictures of networks, artifacts, runs and verifications, of what is known without running anything."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from models import digits_model, tiny_model
from spike_counters import spike_counter

import snnc
from snnc.api.finetuned import Finetuned
from snnc.api.pictures import MIME, histogram_picture
from snnc.errors import InputError
from snnc.exporter.passes.discretise import Discretise
from snnc.verification.verify import NO_ESTIMATE

X = np.zeros((3, 4, 3), np.uint8)
X[0, :2, 1] = X[1, 1:, 2] = X[1, 0, 0] = X[2, 3, 0] = 1


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return snnc.Network(spike_counter(), "counter").export("loihi", tmp_path_factory.mktemp("api") / "x")


@pytest.fixture(scope="module")
def verified(exported):
    return exported.verify(X, ["hwsim"], labels=[1, 2, 0], generated=0)


@pytest.fixture(scope="module")
def wrong(exported, tmp_path_factory):
    """The C program of the same network with spikes where there are none, and the other way round."""
    found = snnc.Network(spike_counter(), "counter").export("c", tmp_path_factory.mktemp("api") / "c")
    sources = found.artifact.program
    text = sources["snn.c"].replace(b"? 1u : 0u; /* [6] */", b"? 0u : 1u; /* [6] */")
    assert text != sources["snn.c"]
    altered = replace(found.artifact, program={**sources, "snn.c": text})
    return snnc.Exported(altered, trust_program=True).verify(X, ["c"], generated=0)


def test_a_run_shows_its_spikes(exported) -> None:
    """Sample 1: line 2 in three steps, line 0 in one; the neurons repeat them."""
    picture = exported.run(X).plot_spikes(sample=1)
    assert picture.title == "Spikes"
    assert "events: 4 spikes of 3 lines; counter: 4 spikes of 3 neurons" in picture.alternative
    (figure,) = picture.figures
    assert figure.layout.title.text == f"Spikes of sample 1, in steps of {exported.graph.bin_s:g} s"
    path = figure.layout.shapes[1].path
    assert [int(step) for step in re.findall(r"M(\d+),", path)] == [0, 1, 2, 3]


def test_a_run_shows_the_states_of_a_neuron(exported) -> None:
    """Each event sets u to 5 for its step, v passes 4, in steps of 1/64, and is reset to 0."""
    run = exported.run(X)
    picture = run.plot_potentials("counter", 1, sample=0)
    u, v, spikes, limit = picture.figures[0].data
    assert [bool(value) for value in u.y] == [True, True, False, False]
    assert (list(spikes.x), v.name) == ([0, 1], "hwsim")
    assert list(limit.y) == [256, 256]
    assert "Spikes in steps 0, 1. The threshold is 256." in picture.alternative


def test_samples_neurons_and_names_that_are_none_are_said(exported, verified) -> None:
    run = exported.run(X)
    for call, said in (
        (lambda: run.plot_spikes(3), r"sample: is 3; samples are numbered 0 \.\. 2"),
        (lambda: run.plot_potentials("counter", 3), r"neuron: is 3; those of counter are numbered 0 \.\. 2"),
        (lambda: run.plot_potentials("count"), "'count' has no states"),
        (lambda: run.plot_readout(), "decoded from spikes"),
        (lambda: exported.plot_delays("counter"), r"layer: 'counter' is unknown.*events -> counter"),
        (lambda: verified.plot_divergence(), "no divergence"),
        (lambda: verified.plot_losses(), "the export measured none"),
        (lambda: exported.plot_chip(X[:, :3]), "x: sample 0 has 3 steps, the network takes 4"),
    ):
        with pytest.raises(InputError, match=said):
            call()


def test_what_takes_no_argument_says_so(exported, verified) -> None:
    """A report draws one sample; which one a run draws is chosen."""
    others = r"\nTo draw another recording: exported\.run\(x\)\.plot_spikes\(3\) or plot_readout\(3\)$"
    for call, said in (
        (lambda: verified.plot_spikes(3), "^plot_spikes: takes no argument, and 1 came" + others),
        (lambda: verified.plot_readout(sample=3), "^plot_readout: has no argument 'sample'[^\n]*" + others),
        (lambda: verified.plot_accuracy(3), "^plot_accuracy: takes no argument, and 1 came$"),
        (lambda: exported.plot_network(3), "^plot_network: takes no argument, and 1 came$"),
        (lambda: exported.plot_network().show(3), "^show: takes no argument, and 1 came$"),
        (lambda: verified.show("a"), "^show: takes no argument, and 1 came$"),
        (lambda: snnc.Network(tiny_model(), "tiny").plot_learning(3), "^plot_learning: takes no argument"),
    ):
        with pytest.raises(InputError, match=said):
            call()


def test_an_artifact_shows_its_delays_and_weights(exported) -> None:
    """Three synapses without a delay; the largest weight takes all bits."""
    assert "3 synapses from 0 to 0" in exported.plot_delays("events -> counter").alternative
    (figure,) = exported.plot_weights().figures
    assert sum(figure.data[0].y) == 3
    drawn = exported.plot_network()
    assert drawn.figures == ()
    assert "counter" in drawn._repr_html_()
    assert ">events<" in drawn._repr_html_()


def test_a_network_that_was_trained_shows_whole_delays() -> None:
    model = tiny_model()
    network = snnc.Network(model, "tiny")
    names = [each.name for each in model.layers]
    for plot in (network.plot_delays, network.plot_weights):
        assert len(plot().parts) == len(names)
    said = network.plot_delays().alternative
    assert all(f"-> {name}." in said for name in names)
    assert f"{np.count_nonzero(model.layers[0].weight)} synapses" in said
    assert "svg" in network._repr_html_()


def test_a_network_that_was_finetuned_shows_what_finetuning_made() -> None:
    """All delays of the layers for 4 bits are 3 steps."""
    model = tiny_model()
    layers = tuple(
        replace(each, delay=np.full_like(each.delay, 3), scale=1.0) for each in Discretise().run(model).layers
    )
    tuned = replace(model, quantised={4: layers})
    network = snnc.Network(tuned, "tiny", finetuned=Finetuned("c", 4, 1, 5, (0.5, 1.0)))
    assert "26 synapses from 3 to 3" in network.plot_delays().alternative
    assert "from 3 to 3" not in snnc.Network(tuned, "tiny").plot_delays().alternative


def test_where_there_is_nothing_to_draw_that_is_said(verified) -> None:
    with pytest.raises(InputError, match="a -> b: has no synapses to draw"):
        histogram_picture("Delays", [SimpleNamespace(layer="a -> b")], "a -> b", lambda each: None)
    with pytest.raises(InputError, match="the network: has no synapses to draw"):
        histogram_picture("Delays", [], None, lambda each: None)
    report = replace(verified.report, chip=None)
    with pytest.raises(InputError, match="no time and energy of the operations of loihi are known"):
        replace(verified, report=report).plot_chip()
    with pytest.raises(InputError, match="the target has no levels for this graph"):
        replace(verified, report=replace(report, notes=(NO_ESTIMATE,))).plot_chip()


def test_a_chip_is_drawn(exported, verified) -> None:
    for picture in (exported.plot_chip(X), exported.plot_chip(), verified.plot_chip()):
        assert len(picture.parts) == 3
        assert "chipmap" in picture._repr_html_()
        assert len(picture.figures) == 1


def test_a_verification_shows_what_its_report_does(verified) -> None:
    assert "Expected" not in verified.plot_spikes().alternative
    assert "100" in verified.plot_accuracy().alternative
    assert len(verified.plot_weights().parts) == len(verified.plot_delays().parts) == 1


def test_a_divergence_is_drawn(wrong) -> None:
    """Where a spike should be there is none, from the first step of the golden inputs on."""
    assert not wrong
    picture = wrong.plot_divergence()
    step = f", in steps of {wrong.report.figures['bin_s']:g} s"
    assert [title for title, _ in picture.parts] == [
        f"u and v around the divergence{step}",
        f"Spikes of a sample{step}",
        f"Spikes of the executor that differs{step}",
    ]
    assert "The divergence is in step 0" in picture.alternative
    assert "not expected" in picture.alternative
    assert "u and v around the divergence" in wrong._repr_html_()


def test_pages_load_nothing(exported, tmp_path) -> None:
    place = tmp_path / "delays.html"
    exported.plot_delays().save(str(place))
    text = place.read_text()
    assert "<script src=" not in text
    assert "<link" not in text
    assert "Plotly.newPlot" in text
    with pytest.raises(InputError, match=r"delays\.html: exists; .*overwrite=True"):
        exported.plot_delays().save(place)
    for name in ("boss.png", "boss.PDF"):
        with pytest.raises(InputError, match=r"written as a page; name it \.html\. A figure of plotly"):
            exported.plot_delays().save(tmp_path / name)
        assert not (tmp_path / name).exists()
    exported.plot_network().save(place, overwrite=True)
    assert len(place.read_text()) < 10_000


def test_notebooks_get_html_and_a_figure_of_plotly(exported) -> None:
    bundle = exported.plot_delays()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", MIME}
    assert bundle[MIME]["layout"]["paper_bgcolor"] == "#ffffff"
    assert "var(--" not in bundle["text/html"]
    assert set(exported.plot_network()._repr_mimebundle_()) == {"text/plain", "text/html"}


def test_show_opens_a_page_in_the_browser(exported, verified, monkeypatch, capsys) -> None:
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda uri: opened.append(uri) or len(opened) < 4)
    exported.show()
    exported.plot_delays().show()
    verified.show()
    exported.run(X).show()
    assert [uri.startswith("file:///") for uri in opened] == [True] * 4
    assert opened[2] == verified.path.resolve().as_uri()
    assert capsys.readouterr().out.startswith("no browser was found; open /")


def test_show_displays_in_a_notebook(verified, monkeypatch) -> None:
    shown = []
    fake = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1))
    monkeypatch.setitem(sys.modules, "IPython", fake)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=shown.append))
    verified.show()
    assert shown == [verified]


def test_markup_in_names_stays_text(tmp_path) -> None:
    graph = spike_counter()
    named = [replace(graph.populations[0], name="<b>"), graph.populations[1]]
    graph = replace(
        graph, populations=tuple(named), projections=(replace(graph.projections[0], source="<b>"),)
    )
    network = snnc.Network(graph, "x")
    for text in (network.plot_network()._repr_html_(), network.plot_delays()._repr_html_()):
        assert "<b>" not in text.replace("\\u003cb\\u003e", "")


def test_a_large_network_has_tables_alone() -> None:
    network = snnc.Network(digits_model(), "digits")
    assert network._pictures()


HISTORY = [
    {"phase": "gaussian", "loss": 2.0, "train_accuracy": 0.25, "sigma": 6.0},
    {"phase": "gaussian", "loss": 1.0, "train_accuracy": 0.5, "sigma": 0.5},
]
DELAYS = {
    "initial": {"hidden1": {"taps": 4, "synapses": [2, 1, 0, 0]}},
    "learned": {"hidden1": {"taps": 4, "synapses": [0, 1, 0, 2]}},
}


def test_a_trained_network_shows_how_it_learned() -> None:
    model = replace(tiny_model(), metrics={"history": HISTORY, "delays": DELAYS})
    picture = snnc.Network(model, "tiny").plot_learning()
    titles = [figure.layout.title.text for figure in picture.figures]
    assert titles == [
        "Accuracy by epoch",
        "Loss by epoch",
        "Width of the delays by epoch",
        "Delays of hidden1, before learning",
        "Delays of hidden1, learned",
    ]
    accuracy, loss, sigma, before, learned = (figure.data[0] for figure in picture.figures)
    assert (list(accuracy.y), list(loss.y), list(sigma.y)) == ([25, 50], [2, 1], [6, 0.5])
    assert list(zip(before.x, before.y, strict=True)) == [(0, 2), (1, 1)]
    assert list(zip(learned.x, learned.y, strict=True)) == [(0, 0), (1, 1), (2, 0), (3, 2)]
    for network in (snnc.Network(tiny_model(), "tiny"), snnc.Network(spike_counter(), "counter")):
        with pytest.raises(InputError, match="nothing of training is recorded"):
            network.plot_learning()


def test_a_verification_shows_how_its_network_learned(verified) -> None:
    rows = [
        {
            "layer": "hidden1",
            "delay_initial": {"x": [0, 1], "y": [2, 1]},
            "delay_learned": {"x": [3], "y": [3]},
        }
    ]
    curves = {"phases": ["gaussian", "gaussian"], "curves": {"loss": [2.0, 1.0]}}
    told = replace(verified.report, figures={"histograms": rows, "training": curves})
    picture = snnc.Verified(told, verified.path).plot_learning()
    assert [title for title, _ in picture.parts] == [
        "Loss by epoch",
        "Delays of hidden1, before learning",
        "Delays of hidden1, learned",
    ]
    with pytest.raises(InputError, match="nothing of training is recorded"):
        verified.plot_learning()
