"""The README of a C program, for one who sees its folder for the first time: numbers, no names of a graph."""

from __future__ import annotations

from string import Template

from snnc.stages import QuantizedGraph
from snnc.stages.population import ADLIF
from snnc.stages.readout import SOFTMAX
from snnc.targets.markdown import table
from snnc.work import Work

TEXT = Template("""\
# A spiking network in C99

$populations populations on $inputs input lines; a sample has $steps time steps of $seconds s. The network is
`snn.h` and `snn.c`. It needs a C99 compiler with 8-bit bytes, no library, no heap, no arithmetic beyond 32
bits. `main.c` runs it on a computer, on events in a file INPUT, which the next section makes. In this folder:

    mkdir -p ../build
    cc -std=c99 -O2 -DSNN_SCORES -DSNN_COUNT -DSNN_NAMES snn.c main.c -o ../build/snn -lm
    ../build/snn --names ../build/INPUT     # a line a sample: the name of its class; --classes: the number
    ../build/snn ../build/INPUT ../build/OUTPUT           # what is decoded, in each step
    ../build/snn --trace ../build/INPUT ../build/TRACE    # every state; the head of main.c says its layout

Keep files of your own in another folder, as `../build` here. A new export replaces this one only if all
files in it are of snnc; `snnc run` and `snnc verify` refuse it with a Makefile, a folder obj/, or source
files and Python modules (.c, .h, .cpp, .py, .so, .v and the like) that are not of snnc. Other plain files,
as a compiled `snn`, they neither read nor run.

## From a recording to INPUT

$recording
## On a device

```c
#include "snn.h"

static snn_state state;

snn_reset(&state);                        /* before each sample */
for (t = 0; t < SNN_STEPS; t++)
    snn_step(&state, events);             /* SNN_INPUTS bytes: the events of step t */
$use
```

Compile `snn.c` and all that includes `snn.h` with the same macros: `SNN_SCORES` decodes$exp,
`SNN_NAMES` holds the names of the classes, `SNN_COUNT` counts overflows. Without macros there are the states:
`state.u[first + i]`, `state.v[first + i]` and `state.spikes[first + i]` of neuron i of a population.

$listed

## Memory

| bytes | what |
|---|---|
| $tables | constant tables, in flash; the code comes on top of them |
| $state | `snn_state` without macros, in RAM; compilers for 8 or 16 bits may need a few less |

`cc -std=c99 -Os -c snn.c -o ../build/snn.o && size ../build/snn.o`, with the compiler for the device, tells
flash with the code.

## Time of a step

A step updates all neurons, and adds a weight at each synapse that an event reaches, so its time follows the
events. What it does at most, whatever the input, counted from the network:

| operations | in a step | in a sample |
|---|---|---|
| neuron updates, always | $updates | $all_updates |
| synaptic events, at most, without zeros of the tables | $most | $all_most |

`snnc run FOLDER --input RECORDINGS` counts the synaptic events of recordings. Where a table has its absent
synapses (no `start`), an event walks over these zeros as well, in all inputs x neurons, and takes as long.

No time is told here, as none was measured on a device. Count the cycles of yours:

```c
#include "snn.h"

/* Of the longest step of a sample, and, added to `*all`, of all steps; `frames` are its bytes. */
uint32_t longest_step(snn_state *state, const uint8_t *frames, uint32_t *all)
{
    uint32_t t, began, took, longest = 0;

    snn_reset(state);
    for (t = 0; t < SNN_STEPS; t++) {
        began = CYCLES();
        snn_step(state, frames + t * SNN_INPUTS);
        took = CYCLES() - began;          /* right beyond the end of 32 bits, too */
        *all += took;
        longest = took > longest ? took : longest;
    }
    return longest;
}
```

`CYCLES()` reads a counter of 32 bits that counts up. Of a Cortex-M3 or later that is `DWT->CYCCNT` of CMSIS,
after `CoreDebug->DEMCR |= CoreDebug_DEMCR_TRCENA_Msk; DWT->CTRL |= DWT_CTRL_CYCCNTENA_Msk;`; a Cortex-M0 has
none: take a timer. Milliseconds are 1000 * cycles / clock in Hz; in real time a step has $milliseconds.
Measure with recordings of yours, compiled as you will use it: golden inputs are made for tests, from silence
to an event on every line in every step.

## What bit-exact means here

Every $variables and spike of every neuron in every step is the integer that the contract (docs/semantics.md
of snnc) gives, with any compiler and on any processor: the network computes in integers alone. $decoded

`golden.npz` has inputs to see that with, and what is decoded of them. With numpy:

    python3 -c "import numpy as n; g = n.load('golden.npz')['spikes']; \\
        $golden.tofile('../build/GOLDEN')"
    python3 -c "import numpy as n; g = n.load('golden.npz'); v = [g[k] for k in g if k != 'spikes']; \\
        n.concatenate(v, 2).astype('<i4').tofile('../build/EXPECTED')"
    ../build/snn ../build/GOLDEN ../build/DECODED
    cmp ../build/DECODED ../build/EXPECTED    # prints nothing if equal

`snnc verify FOLDER` compares every state of every build, on recordings and generated inputs, too.
""")
RECORDING = Template("""\
`snnc run . --input FILE --write-input ../build/INPUT` in this folder writes the events of recordings
for `../build/snn`, into a file that is not there yet, and tells the classes to expect. FILE is what
`snnc run` takes: spikes, events, or recordings as those that the network was trained on (docs/data.md of
snnc).

That is bytes [samples, $steps, $inputs], one for each step and line: 0, or 1 for an event$payload.
`main.c` refuses larger ones, `snn_step` does not check. In Python:

```python
import numpy

frames = numpy.zeros((1, $steps, $inputs), numpy.uint8)  # samples, steps, lines
frames[0, $step, 0] = 1  # an event of line 0 in step $step of sample 0
frames.tofile("../build/FRAMES")  # for ../build/snn, in place of INPUT
```

A step has $seconds s. In which step an event at time t falls depends on how the times of the recordings are
stored that the network was trained on; `snnc inspect FILE` tells it of a file (`times`):

| times | step |
|---|---|
| whole numbers, and a step is n of their units | `t / n`, in integers |
| floats, or a step is no whole number of units | `(uint32_t)(t / r)`, in double |

r is `SNN_STEP_SECONDS` divided by the seconds of a unit, 1 for times in seconds; where that is whole but for
rounding, it is the whole number. The two rules differ for some events on the edge of a step: in double
0.58 / 0.02 is 28.999999999999996. A device that counts ticks suits a network that was trained on whole ticks
(docs/data.md of snnc).

What makes events of a signal comes before the network, and is no part of this program. If `snnc encode` made
those that it was trained on: that needs the whole recording, and its tick has 0.5 ms (docs/encoder.md of
snnc). `snnc.load_data(FILE).frames(...)` gives the frames of recordings that snnc trains on (docs/c.md of
snnc).
""")
NO_INPUTS = """\
The network has no inputs: INPUT is one byte for each sample, of any value, and `snn_step` reads no events.
"""
USE_CHAIN = """\
use(snn_class_name(snn_class(&state)));   /* with -DSNN_SCORES -DSNN_NAMES */"""
USE_GRAPH = """\
for (r = 0; r < SNN_READOUTS; r++)        /* with -DSNN_SCORES -DSNN_NAMES */
    use(r, snn_class_name(r, snn_class(&state, r)));"""
IN_DOUBLE = """\
The
scores of `softmax` are in double. There `exp` of the C library may differ in the last bits, which decides
only between classes whose scores are as near as that (clause 7)."""
IN_INTEGERS = """\
So are
the classes, where one scale is for all classes of a readout."""


def readme(graph: QuantizedGraph, tables: int, state: int) -> bytes:
    """The text for `graph`, with so many bytes of constant tables and of `snn_state`."""
    first, rows = 0, list[tuple[object, ...]]()
    for number, each in enumerate(graph.stateful):
        rows.append((number, each.model, each.neurons, first))
        first += each.neurons
    work = Work.of(graph)
    softmax = any(each.decoder == SOFTMAX for each in graph.readouts)
    payload = max((each.payload_max or 0 for each in graph.populations), default=0)
    sizes = {"steps": graph.time_steps, "inputs": graph.inputs, "seconds": repr(float(graph.bin_s))}
    recording = RECORDING.substitute(
        sizes,
        payload=f"; payloads up to {payload}" if payload > 1 else "",
        step=min(3, graph.time_steps - 1),
    )
    text = TEXT.substitute(
        sizes,
        populations=len(rows),
        recording=recording if graph.inputs else NO_INPUTS,
        use=USE_CHAIN if graph.is_chain else USE_GRAPH,
        exp=" and needs `exp` (-lm)" if softmax else "",
        listed=table(("population", "model", "neurons", "first"), rows),
        tables=tables,
        state=state,
        updates=work.updates,
        most=work.most,
        all_updates=work.updates * graph.time_steps,
        all_most=work.most * graph.time_steps,
        milliseconds=f"{1000 * graph.bin_s:g}",
        variables="u, v, w" if any(each.model == ADLIF for each in graph.stateful) else "u, v",
        decoded=IN_DOUBLE if softmax else IN_INTEGERS,
        golden="g" if graph.inputs else "n.zeros(len(g), 'u1')",
    )
    return text.encode()
