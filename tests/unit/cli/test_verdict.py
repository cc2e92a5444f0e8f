"""What `snnc verify` prints: the verdict first, a line for each thing to know, nothing beyond the width."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from report_examples import different, equal, failed, nothing_run, only_reference, skipped

from snnc.api.verified import Verified
from snnc.cli.after_verify import after_verify
from snnc.cli.console import out
from snnc.cli.verdict import print_short, print_verdict
from snnc.cli.verify_options import VerifyOptions
from snnc.report.deploy import deploy, warnings
from snnc.report.html_report import to_html
from snnc.stages import AccuracyStage, BoardClock, ExecutorResult, Report, Rung
from snnc.stages.losses import BudgetStage, ExportLosses, LossBudget, Recordings

DOCS, PATH = Path(__file__).parents[3] / "docs", Path("mine.loihi/report.html")


def printed(report: Report, *, terminal: bool = False, more: bool = False) -> list[str]:
    """Lines on the console of commands, which escapes line breaks; colours are taken away."""
    console = out()
    console.file, console.width = io.StringIO(), 80
    console._force_terminal = terminal
    print_verdict(report, console)
    print_short(report, console, PATH, ["a note " * 20 if terminal else "a note"], more)
    said = console.file.getvalue()
    assert terminal or "\x1b" not in said
    assert "\\n" not in said
    return re.sub(r"\x1b\[[0-9;]*m", "", said).splitlines()


def test_equal() -> None:
    lines = printed(equal(), more=True)
    assert lines[0] == "+ BIT-EXACT   5 executors, 28 samples (8 golden, 20 recordings), every u, v and spike"
    assert lines[1] == "  torch oracle hwsim lava-stock lava-event"
    assert lines[2] == "  note: a note"
    labels = {line.split()[0]: line for line in lines[3:]}
    assert list(labels) == ["accuracy", "note:", "coverage", "chip", "report"]
    assert labels["note:"].startswith("  note: no sources are named (field `speaker`): ")
    assert labels["accuracy"].startswith("accuracy  float 93.5 %, finished 94.0 % -> integers 92.0 %")
    assert labels["coverage"].endswith("unexercised (try --samples all)")
    assert "(estimate, " in labels["chip"]
    assert labels["report"] == "report    mine.loihi/report.html"
    (coverage,) = (line for line in printed(equal()) if line.startswith("coverage"))
    assert coverage.endswith(" unexercised (more samples with -i, or a larger --generated)")


def test_the_accuracy_of_each_split_has_a_line() -> None:
    """The input's does not hide that of the test part; of arithmetic of its own, the last split is told."""
    stages = (
        AccuracyStage("float", "test", 9, 10),
        AccuracyStage("quantised", "test", 8, 10),
        AccuracyStage("quantised", "input", 3, 4),
    )
    own = (
        AccuracyStage("torch", "input, as compared", 3, 4),
        AccuracyStage("netx", "input, as compared", 2, 4),
    )
    test, given = "float 90.0 % -> integers 80.0 % (8 of 10, test)", "integers 75.0 % (3 of 4, input)"
    for accuracy, told in (
        (stages, [test, given]),
        (stages + own, [test, given, "torch 75.0 % -> netx 50.0 % (2 of 4, input, as compared)"]),
        (stages[:2] + own, [test, "torch 75.0 % -> netx 50.0 % (2 of 4, input, as compared)"]),
    ):
        lines = printed(replace(equal(), accuracy=accuracy))
        assert [line for line in lines if line.startswith("accuracy")] == [
            f"accuracy  {each}" for each in told
        ]


def test_advice_is_given_where_inputs_can_reach_more() -> None:
    """4,536 of 49,536 synapses are left, 9.16 %; 540 are 1.09 %, and 3,996 8.07 %."""
    last = equal().coverage[-1]
    for counts, said in (
        ((600, 3396, 540), "; no input reaches the rest"),
        ((0, 0, 540), ": 8.1 % unexercised (try --samples all); no input reaches 1.1 %"),
    ):
        layers = tuple(
            replace(each, unreachable=count) for each, count in zip(last.layers, counts, strict=True)
        )
        report = replace(equal(), coverage=(replace(last, layers=layers),))
        shown = " ".join(" ".join(printed(report, more=True)).split())
        assert f" coverage 90.8 % of synapses{said} chip " in shown


def test_a_loss_that_was_not_seen_is_told_as_far_as_it_is_not_excluded() -> None:
    """Newcombe by hand: of 96 that are right twice, 3.84 / 99.84 = 3.848 %; of 400, 0.95 %."""
    for count, told in ((96, "96 recordings, which cannot exclude a loss of up to 3.85 points"), (400, "")):
        before = AccuracyStage("float", "test", count, count)
        after = AccuracyStage("quantised", "test", count, count, lost=0, moved=0)
        found = printed(replace(equal(), accuracy=(before, after)))
        said = [line for line in found if "none seen" in line or "exclude" in line]
        assert said == ([f"  note: cost in accuracy: none seen on {told}"] if told else [])
        given = AccuracyStage("quantised", "input", 29, 30)  # of which the integers alone are known
        found = printed(replace(equal(), accuracy=(before, after, given)))
        assert [line for line in found if "none seen" in line or "exclude" in line] == said
    lost = replace(after, correct=399, lost=1, moved=1)
    assert not [line for line in printed(replace(equal(), accuracy=(before, lost))) if "none seen" in line]
    assert not [line for line in printed(replace(equal(), accuracy=(after,))) if "none seen" in line]


def test_the_chip_is_told_with_what_it_is_counted_on() -> None:
    labels = {line.split()[0]: line for line in printed(equal())}
    assert labels["chip"].endswith("(estimate, loihi1; counted on 2 samples of test)")
    golden = " ".join(" ".join(printed(replace(equal(), chip_inputs="golden"))).split())
    assert (
        "(estimate, loihi1; counted on 2 golden inputs) note: golden inputs are made for tests, from silence "
        "to an event on every line in every step: their mean can be far more than that of recordings, or less"
    ) in golden
    page = " ".join(to_html(replace(equal(), chip_inputs="golden")).split())
    assert "without leakage, counted on 2 golden inputs" in page


def test_a_network_that_is_not_the_module() -> None:
    said = "the network is not the module Net: spikes of l1 equal in 98.39 % of places (least_agreement)"
    other = replace(equal(), disagreement=said)
    assert printed(other)[1] == f"  ! {said}"
    assert said in repr(found := Verified(other, PATH))
    assert said in str(found)
    assert f"<td>{said}</td>" in found._repr_html_()
    console = out()
    console.file = io.StringIO()
    print_verdict(other, console)  # also with -q, which leaves out the rest
    assert console.file.getvalue().splitlines()[1] == f"  ! {said}"


def of_loss(split: str, lost: int) -> Report:
    """None of 100 recordings of the test part was lost, and so many of 100 of the export's `split`."""
    made = tuple(AccuracyStage(stage, "test", 100, 100, 0, 0, 0) for stage in ("float", "quantised"))
    stages = BudgetStage("float", 100, (), lost), BudgetStage("quantised", 100 - lost, (), 0)
    losses = ExportLosses(LossBudget(Recordings(split, 100, 100), stages))
    return replace(equal(), accuracy=made, costs=losses)


def test_a_loss_to_check_first_is_printed() -> None:
    """17 of 100 right answers became wrong: what the page says before all is said below the verdict, too."""
    made = (AccuracyStage("float", "test", 90, 100, 17), AccuracyStage("quantised", "test", 73, 100, 0))
    measured = replace(equal(), accuracy=(made[0], replace(made[1], lost=17)))
    for report in measured, of_loss("validation", 17):
        (said,) = warnings(report)
        assert said.startswith("the integers lose accuracy: float ")
        assert said in deploy(report).limits
        text = " ".join(" ".join(lines := printed(report)).split())
        assert lines[1].startswith("  ! the integers lose accuracy: float ")
        assert f"! {said}" in text
        assert "cost in accuracy" not in text
        assert said in str(found := Verified(report, PATH))
        assert said in found._repr_html_()


def test_a_small_loss_of_the_export_is_printed_where_none_was_seen_here() -> None:
    """All but 5 of 100: 5 points, and more than chance explains."""
    text = " ".join(" ".join(printed(of_loss("validation", 5))).split())
    assert "the integers lose accuracy" not in text
    assert (
        "note: cost in accuracy: none seen on test, but of the export: float 100.00 % → 95.00 %, "
        "−5.00 points on 100 validation recordings (95 % interval −"
    ) in text
    assert "but of the export" not in " ".join(printed(of_loss("test", 5)))


def test_the_page_shows_what_is_printed() -> None:
    """The block of docs/ci.md, for a report with these executors, samples and accuracies."""
    ran = ("torch", "oracle", "hwsim", "lava-stock", "lava-event", "onnxruntime", "onnx-reference", "c")
    biases = "hidden1, neuron 1: the bias is 21, netx holds multiples of 64; export with --whole-bias"
    others = {
        "netx": biases,
        "rtl": "mine holds no core; export the model with --target fpga",
    } | dict.fromkeys(
        ("pynn-brian2", "pynn-nest", "spinnaker-fixed"),
        "mine holds no PyNN script; export with --target spinnaker",
    )
    report = replace(
        equal(),
        inputs={"golden": 8, "test": 20, "generated": 16},
        executors=(
            *(ExecutorResult(name, Rung.BIT_EXACT, 44, 1.0, saturations=0) for name in ran),
            *(ExecutorResult(name, Rung.NOTHING, 0, 0.0, skipped=why) for name, why in others.items()),
        ),
        accuracy=(
            AccuracyStage("float", "test", 465, 480),
            AccuracyStage("finished", "test", 466, 480),
            AccuracyStage("quantised", "test", 455, 480),
        ),
        confusion=replace(equal().confusion, speakers=dict.fromkeys(map(str, range(10)), (19, 20))),
    )
    (page,) = re.findall(r"```text\n(\+ .*?)```", (DOCS / "ci.md").read_text(), re.DOTALL)
    *shown, following = page.replace("model.loihi", "mine.loihi").splitlines()
    assert [line for line in printed(report, more=True) if "a note" not in line] == shown
    given = VerifyOptions()
    assert f"next: {after_verify(Path('mine.loihi'), given, report, False)}" == following


def test_classes_that_are_others_are_counted() -> None:
    """Of 480, three right ones became wrong and two right; seven more are wrong otherwise."""
    stages = (
        AccuracyStage("float", "test", 200, 480, lost=0, moved=0),
        AccuracyStage("quantised", "test", 199, 480, lost=3, moved=12),
    )
    lines = printed(replace(equal(), accuracy=stages))
    found = next(line for line in lines if line.startswith("accuracy"))
    assert found.endswith("(199 of 480, test; 12 recordings get another class than by float)")


def test_decisions_are_counted_against_the_network_that_the_cost_is_told_against() -> None:
    """Training changed 11 classes after the first step; the integers changed three of the finished network:
    two right ones became wrong, so 62 - 2 + 1 = 61."""
    stages = (
        AccuracyStage("float", "test", 62, 80, lost=0, moved=0, lost_at_end=6),
        AccuracyStage("finished", "test", 62, 80, lost=5, moved=11, lost_at_end=2),
        AccuracyStage("quantised", "test", 61, 80, lost=6, moved=12, lost_at_end=0),
    )
    lines = printed(replace(equal(), accuracy=stages))
    found = next(line for line in lines if line.startswith("accuracy"))
    assert found.endswith("(61 of 80, test; against finished, 2 right became wrong and 1 wrong right)")


def test_no_decisions_are_counted_where_nobody_compared_them_or_none_changed() -> None:
    for lost in (None, 0):
        stages = (
            AccuracyStage("float", "test", 61, 80, lost=0, moved=0),
            AccuracyStage("finished", "test", 62, 80, lost=5, moved=11, lost_at_end=lost),
            AccuracyStage("quantised", "test", 62, 80, lost=5, moved=11),
        )
        lines = printed(replace(equal(), accuracy=stages))
        found = next(line for line in lines if line.startswith("accuracy"))
        assert found.endswith("(62 of 80, test)")


def test_a_difference_is_told_with_its_cause() -> None:
    lines = printed(different())
    assert lines[0].startswith("x NOT EQUAL   ")
    assert "hwsim" in lines[0]
    assert "  first divergence: test sample 3, step 17, layer hidden2, neuron 41, variable v" in lines
    assert "    torch 812, hwsim 811" in lines
    assert not any("verified" in line.lower() and "not" not in line.lower() for line in lines)


def test_the_rung_of_another_arithmetic_is_told() -> None:
    report = different()
    first, second, *rest = report.executors
    other = replace(second, rung=Rung.CLASS, own_arithmetic="it computes in floats")
    lines = printed(replace(report, executors=(first, other, *rest)))
    assert f"  - {second.name} holds the rung class: it computes in floats" in lines


def test_executors_that_did_not_run_are_told_with_the_remedy() -> None:
    lines = printed(skipped(equal()))
    reasons = [each.skipped for each in skipped(equal()).executors if each.skipped]
    assert reasons
    for reason in reasons:
        assert any(reason.splitlines()[0] in line and line.startswith("  - ") for line in lines)


def test_the_clock_of_a_board_that_was_placed_is_told() -> None:
    rows = ({"resource": "LUTs", "use": "1 / 2"},)
    on_board = replace(equal(), target="fpga", chip_cores=0, resources=rows)
    assert not any(line.startswith("clock") for line in printed(on_board))
    for mhz, met in ((34.8, "met"), (23.9, "not met")):
        placed = replace(on_board, clock=BoardClock(mhz, 24, {"yosys": "0.70"}, 1))
        said = f"clock     {met}: {mhz} MHz after routing, the board runs it at 24 MHz (yosys 0.70, seed 1)"
        assert said in printed(placed)


def test_those_of_other_targets_take_a_line() -> None:
    more = tuple(
        ExecutorResult(name, Rung.NOTHING, 0, 0.0, skipped=f"x holds no such; export with --target {target}")
        for name, target in (("rtl", "fpga"), ("pynn-nest", "spinnaker"))
    )
    report = replace(equal(), executors=(*equal().executors, *more))
    assert "  - of other targets: rtl (--target fpga); pynn-nest (--target spinnaker)" in printed(report)


@pytest.mark.parametrize("change", [nothing_run, only_reference, failed])
def test_what_is_not_verified(change) -> None:
    lines = printed(change(equal()))
    assert lines[0].startswith("! NOT VERIFIED   ")
    broken = "  ! lava-event broke down: timed out after 60 s"
    assert (broken in lines) == (change is failed)


@pytest.mark.parametrize("report", [equal(), different(), skipped(equal()), failed(equal())])
def test_a_terminal_shows_no_line_beyond_its_width(report: Report) -> None:
    lines = printed(report, terminal=True, more=True)
    assert max(map(len, lines)) <= 80
    assert sum("a note" in line for line in lines) == 2
