"""The targets, found by name and loaded only when used.

Another distribution adds one with an entry point of group `snnc.targets`:

    [project.entry-points."snnc.targets"]
    mychip = "my_package.target:TARGET"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from snnc.errors import InputError
from snnc.plugins import entry_points
from snnc.plugins.guard import guarded_target
from snnc.text import quoted

if TYPE_CHECKING:
    from snnc.target import Target

KIND = "target"

LIMITS_ALONE = ("loihi1", "loihi2", "spinnaker1", "spinnaker2", "truenorth", "seneca")
"""Chips that nothing is exported for."""
BUILT_IN: dict[str, str] = {
    "loihi": "snnc.targets.loihi.target:TARGET",
    "onnx": "snnc.targets.onnx.target:TARGET",
    "c": "snnc.targets.c.target:TARGET",
    "fpga": "snnc.targets.fpga.target:TARGET",
    "spinnaker": "snnc.targets.spinnaker.target:TARGET",
    **{name: f"snnc.targets.chips.target:{name.upper()}" for name in LIMITS_ALONE},
}
"""Name -> "module:attribute" of a `Target`."""
MICROCONTROLLERS = (
    *("arduino", "arm", "atmega", "attiny", "avr", "cortex", "esp32", "esp8266", "mcu", "microcontroller"),
    *("msp430", "nrf5", "pico", "raspberry", "riscv", "risc-v", "rp2", "samd", "stm32", "teensy"),
)
FPGAS = (
    *("altera", "artix", "cyclone", "ecp5", "gowin", "gw1n", "gw2a", "ice40", "kintex", "lattice", "max10"),
    *("rtl", "spartan", "verilog", "virtex", "vhdl", "xilinx", "zynq"),
)
"""How names begin that users give in place of the targets `c` and `fpga`."""


def targets() -> dict[str, str]:
    """Name -> "module:attribute" of every target, those of other distributions included.

    Raises
    ------
    ConfigError
        If two targets share a name.
    """
    return entry_points.known(KIND, BUILT_IN)


def target_of(spec: str) -> Target:
    """The target that `spec` names, with the settings after its name: `fpga`, or `fpga:board=sim:lanes=32`.

    Raises as `load_target`, and `InputError` for a setting that the target does not have or that is
    given twice, and for what is no text.
    """
    if not isinstance(spec, str):
        raise InputError(f"target: is {quoted(spec)}; give the name of one of {', '.join(targets())}")
    name, *settings = spec.split(":")
    chosen: dict[str, str] = {}
    for key, _, value in (each.partition("=") for each in settings):
        if key in chosen:
            raise InputError(
                f"target {quoted(name)}: {quoted(key)} is given as {quoted(chosen[key])} and as "
                f"{quoted(value)}; give it once"
            )
        if "," in value and "=" in value:
            raise InputError(f"target {quoted(spec)}: separate settings by colons: {spec.replace(',', ':')}")
        chosen[key] = value
    return load_target(name).configured(chosen)


def check_known(name: str, known: Mapping[str, str]) -> None:
    """Raise `InputError` if `name` is no target of `known`; of a board or a processor it tells the target."""
    from snnc.targets.fpga.boards import BOARDS

    given = str(name).lower()
    unknown = f"target {quoted(name)} is unknown"
    if name not in known and given in BOARDS:
        raise InputError(f"{unknown}: it is a board; give fpga:board={given}")
    if name not in known and given.startswith(MICROCONTROLLERS):
        raise InputError(f"{unknown}: give c, which writes C99 for microcontrollers; CC names a compiler")
    if name not in known and given.startswith(FPGAS):
        boards = ", ".join(each for each in BOARDS)
        raise InputError(f"{unknown}: give fpga, a core in Verilog, or fpga:board=NAME with one of {boards}")
    exported = ", ".join(each for each in known if each not in LIMITS_ALONE)
    chips = ", ".join(each for each in known if each in LIMITS_ALONE)
    entry_points.check_known(
        KIND, name, known, listed=f"{exported}; and, with limits alone, for `snnc check`: {chips}"
    )


def load_target(name: str) -> Target:
    """The target called `name`. An exception in one of another distribution becomes a `PluginError`.

    Raises
    ------
    InputError
        If there is none of that name.
    ConfigError
        If what the name stands for cannot be loaded, is no `Target`, or has another name.
    """
    from snnc.target import Target  # not above: names are completed in the shell without numpy

    known = targets()
    check_known(name, known)
    target = entry_points.load(KIND, name, known)
    entry_points.check(KIND, name, known[name], target, Target)
    return target if name in BUILT_IN else guarded_target(target, known[name])
