"""verify does not say "equal" of what did not run: the target's own program, part of the samples, silence."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from golden import artifact_of
from models import ON_GOLDEN, saved, tamper, tiny_model
from report_examples import equal as example
from report_page import Page
from trace_files import two_layers

from snnc.batches import batches, uneven
from snnc.cli import main
from snnc.errors import InputError
from snnc.exporter.artifact import read_artifact
from snnc.exporter.golden import pack_golden
from snnc.hwsim.oracle import OracleExecutor
from snnc.io.signals import Ended
from snnc.report.questions import questions
from snnc.report.verdict import Outcome, verdict
from snnc.stages import Answer, Trace
from snnc.verification import comparison
from snnc.verification.comparison import GOLDEN, InputGroup, compare_executors

pytestmark = pytest.mark.slow

QUICK = ON_GOLDEN
GRAPH = two_layers()
SPIKES = np.random.default_rng(0).integers(0, 2, (4, 5, 2), np.uint8)


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("targets")
    model, made = saved(tiny_model(), folder), {}
    for target in ("c", "loihi"):
        made[target] = folder / f"model.{target}"
        assert main(["export", str(model), "--target", target, "--no-budget"]) == 0
    return made


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Take away what the executors of a target's program need."""

    def remove(target: str) -> None:
        monkeypatch.setenv({"c": "CC", "loihi": "SNNC_LAVA_PYTHON"}[target], "/nonexistent")

    return remove


@pytest.mark.parametrize("target", ["c", "loihi"])
def test_without_its_own_executor_nothing_is_verified(
    target: str, exported, without, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    artifact = Path(shutil.copytree(exported[target], tmp_path / f"model.{target}"))
    without(target)
    missed = {
        "c": "the program for c did not run (its executor c was skipped)",
        "loihi": "the program for loihi did not run (its executors lava-stock and lava-event were skipped)",
    }[target]
    junit = tmp_path / "j.xml"
    assert main(["verify", str(artifact), *QUICK, "--junit", str(junit)]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"! NOT VERIFIED   {missed}")
    assert f"  - {missed}; --allow-missing accepts that" in lines
    assert lines[-1] == f"next: snnc verify {artifact} --list"
    assert json.loads((artifact / "report.json").read_text())["trusted"] is False
    (error,) = ElementTree.parse(junit).getroot().iter("error")
    assert error.get("message") == missed
    assert "Can I deploy? Not yet" in page(artifact)

    assert main(["verify", str(artifact), *QUICK, "--allow-missing", "--junit", str(junit)]) == 0
    said = capsys.readouterr().out
    head = said.splitlines()[0]
    assert head.startswith("+ BIT-EXACT   ")
    assert head.endswith(f", every u, v and spike; the program for {target} did not run")
    assert f"  - {missed}" in said.splitlines()
    assert not list(ElementTree.parse(junit).getroot().iter("error"))
    assert "Can I deploy? Check first" in page(artifact)
    assert "--allow-missing" in json.loads((artifact / "report.json").read_text())["command"]


def page(artifact: Path) -> str:
    return " ".join(Page((artifact / "report.html").read_text()).text.split())


def test_executors_that_are_named_are_the_users_choice(
    exported, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    artifact = Path(shutil.copytree(exported["c"], tmp_path / "model.c"))
    assert main(["verify", str(artifact), *QUICK, "--executors", "oracle"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == (
        "+ BIT-EXACT   2 executors, 8 samples (all golden), every u, v and spike; "
        "the program for c did not run"
    )
    assert said[1:3] == [
        "  torch oracle",
        "  - the program for c did not run (its executor c was not asked for)",
    ]
    assert "Can I deploy? Check first" in page(artifact)
    assert main(["verify", str(artifact), *QUICK, "--executors", "c"]) == 0
    assert "did not run" not in capsys.readouterr().out.splitlines()[0]
    assert "Can I deploy? Yes" in page(artifact)


def test_a_target_whose_executor_nobody_knows() -> None:
    """As one of another distribution that does not say which executors run its program."""
    equal = replace(example(), program_needed=True, own_executors=())
    assert not equal.trusted
    assert "no executor of it is known" in str(verdict(equal))
    assert verdict(replace(equal, own_executors=None)).outcome is Outcome.EQUAL


def test_part_of_the_layers_is_no_yes() -> None:
    equal = replace(example(), layers_compared=("hidden1",))
    answer = questions(equal)[0]
    assert answer.answer == "Check first"
    assert "of the layers, only hidden1 was compared" in answer.limits


class Faulty:
    name = "oracle"

    def __init__(self, change: Callable[[Trace], Trace]) -> None:
        self.change = change

    def unavailable_reason(self) -> None:
        return None

    def run(self, artifact, spikes):
        return self.change(OracleExecutor().run(artifact, spikes))


def result_with(monkeypatch: pytest.MonkeyPatch, change: Callable[[Trace], Trace]):
    real = comparison.load_executor
    monkeypatch.setattr(
        comparison, "load_executor", lambda name: Faulty(change) if name == "oracle" else real(name)
    )
    found = compare_executors(artifact_of(GRAPH), [InputGroup("test", SPIKES)], ["oracle"])
    return found.results[1]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda trace: trace.part(slice(0, 3)), "expected"),
        (lambda trace: replace(trace, layers=trace.layers[:1]), "expected"),
        (lambda trace: None, "NoneType"),
        (lambda trace: sys.exit(0), "SystemExit: 0"),
        (lambda trace: sys.exit("the end"), "SystemExit: the end"),
        (lambda trace: replace(trace, answers=(Answer("it", classes=[0]),)), "1 samples"),
        (lambda trace: replace(trace, answers=(Answer("it", scores=np.ones((4, 9))),)), "shape"),
    ],
)
def test_an_executor_that_gives_less_breaks_down(monkeypatch, change, why: str) -> None:
    found = result_with(monkeypatch, change)
    assert why in found.failed
    assert found.samples == 0


@pytest.mark.parametrize("ending", [KeyboardInterrupt(), Ended(143)])
def test_an_ending_ends_verify(monkeypatch, ending: BaseException) -> None:
    def end(trace: Trace) -> Trace:
        raise ending

    with pytest.raises(type(ending)):
        result_with(monkeypatch, end)


def test_scores_that_are_no_numbers_differ(monkeypatch) -> None:
    nan = np.full((4, 2), np.nan)
    found = result_with(monkeypatch, lambda t: replace(t, answers=(Answer("it", scores=nan),)))
    assert (found.failed, found.answer.kind, found.answer.found) == (None, "score", "nan")


def test_counts_of_saturations_are_compared(monkeypatch) -> None:
    found = result_with(
        monkeypatch, lambda t: replace(t, layers=(replace(t.layers[0], v_clips=9), *t.layers[1:]))
    )
    assert (found.divergence, found.answer.what, found.answer.found) == (None, "clips of v in hidden1", "9")


def test_golden_inputs_of_silence_are_refused(tiny_artifact: Path, refused) -> None:
    artifact = read_artifact(tiny_artifact)
    silent = np.zeros_like(artifact.golden_input)
    readout = np.repeat(artifact.golden_readout[:1], len(silent), axis=0)  # the first is silence
    tamper(tiny_artifact, "golden.npz", lambda _: pack_golden(artifact.graph, silent, (readout,)))
    assert "golden inputs are all silent" in refused("verify", tiny_artifact, *QUICK)


def test_golden_inputs_that_stir_nothing_are_refused() -> None:
    """No event reaches a neuron: all weights are 0."""
    layers = tuple(replace(each, weight=np.zeros_like(each.weight)) for each in GRAPH.layers)
    dead = GRAPH.with_layers(replace(each, bias_mant=0 * each.bias_mant) for each in layers)
    group = InputGroup(GOLDEN, SPIKES)
    nothing = replace(artifact_of(dead), golden_input=SPIKES, golden_readout=np.zeros((4, 5, 2), np.int32))
    with pytest.raises(InputError, match="no neuron spikes on its golden inputs"):
        compare_executors(nothing, [group], ["oracle"])


def test_a_difference_on_golden_inputs_that_stir_nothing_is_told(monkeypatch) -> None:
    layers = tuple(
        replace(each, weight=0 * each.weight, bias_mant=0 * each.bias_mant) for each in GRAPH.layers
    )
    dead = replace(artifact_of(GRAPH.with_layers(layers)), golden_input=SPIKES)
    biased = replace(layers[-1], bias_mant=layers[-1].bias_mant + 1)
    other = artifact_of(GRAPH.with_layers([*layers[:-1], biased]))

    class Biased(OracleExecutor):
        def run(self, artifact, spikes):
            return super().run(other, spikes)

    sides = {"torch": OracleExecutor(), "oracle": Biased()}
    monkeypatch.setattr(comparison, "load_executor", sides.__getitem__)
    nothing = replace(dead, golden_readout=np.zeros((4, 5, 2), np.int32))
    found = compare_executors(nothing, [InputGroup(GOLDEN, SPIKES)], ["oracle"])
    assert found.results[1].differs


def test_samples_of_a_large_network_follow_each_other_too() -> None:
    """In batches of one, what a sample leaves to the next would never show."""
    for steps, sizes in ((1 << 19, [4, 4, 1]), (1 << 23, [2, 2, 2, 2, 1])):
        large = replace(GRAPH, time_steps=steps)
        assert [part.stop - part.start for part in batches(large, 9)] == sizes


def test_batches_are_unequal_and_more_than_one() -> None:
    for samples in range(1, 300):
        size = uneven(samples, 64)
        parts = [min(size, samples - start) for start in range(0, samples, size)]
        assert sum(parts) == samples
        assert max(parts) <= 64
        assert samples < 2 or len(parts) >= 2
        assert samples < 3 or len(set(parts)) > 1
        assert len(parts) <= 2 + samples // 60
