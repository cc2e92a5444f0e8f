"""What the core must compute: the integer contract in plain Python, on the memories of `mem/`.

It knows nothing of the core's pipeline. `Model.run` gives what results.bin must hold, record by record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from events import Sample  # beside this file

LIMIT = (1 << 23) - 1
ZERO, SUBTRACT = 0, 1
"""What a spike does to v."""


class Neuron(NamedTuple):
    """Parameters: what the decays keep, in 4096ths; thresholds and biases are shifted."""

    keep_u: int
    keep_v: int
    keep_w: int
    ka: int
    kb: int
    old: int
    input_bias: int
    bias: int
    threshold: int
    reset_by: int
    spikes: int
    reset: int
    end: int


class Model:
    """The network of the folder of a core.

    `steps`: of a sample. `groups`, `lanes`: of the core. `states`: numbers of a lane in a record.
    """

    def __init__(self, folder: Path) -> None:
        text = (folder / "rtl/params.vh").read_text()
        size = {name: int(number) for name, number in re.findall(r"localparam (\w+) = (\d+);", text)}
        self._size, self._memory = size, folder / "mem"
        sizes = [row[0] for row in self._words("sizes", 32)]
        self.steps, self.groups, self._input_row = sizes[0], sizes[2] + 1, sizes[4]
        self.lanes, self.states = size["LANES"], 3 if size["ADAPT"] else 2
        self._slots = sizes[1]
        self._neurons = list(self._read_neurons())
        self._rows = self._read_rows()

    def _words(self, name: str, *widths: int) -> list[list[int]]:
        """The numbers in each line of a memory, the lowest first; a width below 0 is of a signed number."""
        found = []
        for line in (self._memory / f"{name}.hex").read_text().split():
            word, numbers = int(line, 16), []
            for width in widths:
                number = word & (1 << abs(width)) - 1
                numbers.append(number - (1 << -width) if width < 0 and number >> -width - 1 else number)
                word >>= abs(width)
            found.append(numbers)
        return found

    def _read_neurons(self) -> Iterator[Neuron]:
        """Lane by lane of each group. A table holds one lane where the neurons of a group are the same."""
        size, adapt = self._size, self._size["ADAPT"]
        tables = self.lanes if size["PER_NEURON"] else 1
        decays = self._words("decay", *([13, 13, 13, 13, 1] if adapt else [13, 13]) * tables)
        rest = (1, 2, size["TIME_BITS"])
        thresholds = self._words("threshold", *[17, 17] * tables, *rest)
        biases = [-size["INPUT_BIAS_BITS"], -size["BIAS_BITS"], *([-size["KB_BITS"]] if adapt else [])]
        added = self._words("bias", *biases * self.lanes, *([1] if size["OLD"] else []))
        for group in range(self.groups):
            decay, threshold, bias = decays[group], thresholds[group], added[group]
            old = bias[-1] if size["OLD"] else 0
            for lane in range(self.lanes):
                at = lane if tables > 1 else 0
                keep_u, keep_v, *adaptive = decay[at * len(decay) // tables :]
                keep_w, magnitude, sign = adaptive[:3] if adapt else (0, 0, 0)
                input_bias, bias_v, *others = bias[lane * len(biases) :]
                yield Neuron(
                    keep_u,
                    keep_v,
                    keep_w,
                    -magnitude if sign else magnitude,
                    others[0] if adapt else 0,
                    old,
                    input_bias,
                    bias_v,
                    threshold[2 * at] << 6,
                    threshold[2 * at + 1] << 6,
                    *threshold[-3:],
                )

    def _read_rows(self) -> list[tuple[int, list[tuple[int, int, int]]]]:
        """Of each source the step at which it ends, and its synapses: delay, neuron, weight."""
        size, lanes, words = self._size, self.lanes, []
        fields = [-size["WEIGHT_BITS"], size["DELAY_BITS"]] * lanes
        if not size["LANE_DELAYS"]:
            fields = [-size["WEIGHT_BITS"]] * lanes + [size["DELAY_BITS"]]
        for path in sorted(self._memory.glob("synapse_*.hex")):
            for *synapses, place in self._words(path.stem, *fields, size["RING_BITS"]):
                apart = size["LANE_DELAYS"]
                weights = synapses[::2] if apart else synapses[:lanes]
                delays = synapses[1::2] if apart else synapses[lanes:] * lanes
                first = place // self._slots * lanes
                each = zip(delays, range(first, first + lanes), weights, strict=True)
                words.append([synapse for synapse in each if synapse[2]])
        ends = [size["TIME_BITS"]] if size["INPUT_ENDS"] else []
        rows = []
        for start, count, *end in self._words("row", size["WORD_BITS"], size["COUNT_BITS"], *ends):
            row = [synapse for word in words[start : start + count] for synapse in word]
            rows.append((end[0] if end else self.steps, row))
        return rows

    def run(self, sample: Sample) -> Iterator[list[int]]:
        """Of each step and group its number and, by lane, {u, flags}, v, and with adaptation {w, flag}."""
        neurons = self._neurons
        state = [(0, 0, 0, 0)] * len(neurons)  # u, v, w and the last spike
        sums = [[each.input_bias for each in neurons] for _ in range(self.steps + self._slots)]
        for t, events in enumerate(sample):
            for line, payload in events.items():
                self._deliver(sums, t, self._input_row + line, payload)
            for group in range(self.groups):
                record = [group]
                for n in range(group * self.lanes, (group + 1) * self.lanes):
                    state[n], wrapped, clipped, w_clipped = advanced(neurons[n], state[n], sums[t][n], t)
                    u, v, w, spike = state[n]
                    record += [u << 3 | clipped << 2 | wrapped << 1 | spike, v]
                    record += [w << 1 | w_clipped] if self.states == 3 else []
                    if spike:
                        self._deliver(sums, t, n, 1)
                yield record
            sums[t] = []

    def _deliver(self, sums: Sequence[list[int]], t: int, source: int, payload: int) -> None:
        """Clause 2: into the step in which it arrives; what would arrive after the sample is never read."""
        end, row = self._rows[source]
        if t < end:
            for delay, neuron, weight in row:
                sums[t + delay][neuron] += weight * payload


State = tuple[int, int, int, int]


def advanced(of: Neuron, before: State, a: int, t: int) -> tuple[State, bool, bool, bool]:
    """Clauses 3 to 6 for a neuron that gets `a`: u, v, w and spike; whether u wrapped, v, w was clipped."""
    u, v, w, spike = before
    current = scaled(u, of.keep_u) + (a << 6)
    u = (current + LIMIT) % (1 << 24) - LIMIT
    adapted = scaled(w, of.keep_w) + scaled(v, of.ka) + spike * of.kb
    w_now = min(max(adapted, -LIMIT), LIMIT)
    membrane = scaled(v, of.keep_v) + u + of.bias - (w if of.old else w_now)
    v = min(max(membrane, -LIMIT), LIMIT)
    clipped = v != membrane
    spike = int(of.spikes and v > of.threshold and t < of.end)
    if spike and of.reset == ZERO:
        v = 0
    elif spike and of.reset == SUBTRACT:
        v -= of.reset_by
    return (u, v, w_now, spike), u != current, clipped, w_now != adapted


def scaled(x: int, k: int) -> int:
    """Clauses 4 and 5a: `k` 4096ths of `x`, rounded toward zero."""
    magnitude = abs(x) * abs(k) >> 12
    return -magnitude if (x < 0) != (k < 0) else magnitude
