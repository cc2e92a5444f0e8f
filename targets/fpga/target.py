"""The target `fpga`: a core in Verilog with the network in its memories."""

from __future__ import annotations

from snnc.target import Target, processor_limits
from snnc.targets.fpga.boards import BOARDS
from snnc.targets.fpga.describe import describe
from snnc.targets.fpga.emitter import check_graph, emit
from snnc.targets.fpga.placed import placed
from snnc.targets.fpga.resources import taken, use
from snnc.targets.fpga.settings import SETTINGS, configure
from snnc.targets.fpga.simulation import events_file
from snnc.targets.fpga.unplaced import unplaced

TARGET = Target(
    name="fpga",
    description="a core in Verilog for FPGAs, bit-exact and event-driven (simulated on this machine)",
    limits=processor_limits(
        20, weight_bits="the integer contract, clause 2: a sum of |weight| is at most 2**18"
    ),
    check=check_graph,
    emit=emit,
    chip=False,
    without_chip="a core in Verilog, for an FPGA or a simulation",
    describe=describe,
    executors=("rtl",),
    settings=SETTINGS,
    configure=configure,
    use=use,
    taken=taken,
    occupied=unplaced,
    write_input=lambda artifact, events: events_file(events),
    routed=placed,
    variants=tuple({"board": name} for name in BOARDS),
)
