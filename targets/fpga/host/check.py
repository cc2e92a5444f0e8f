"""Tell what a simulation computed: `python3 check.py tell events.hex`, after `make simulate` read that file.

`check.py compare events.hex` also compares every state with what model.py computes. results.bin and
cycles.bin, which the simulation wrote (sim/snnc_sim.v), lie in the folder above this script. `check.py read
events.hex`, before a simulation, reads the events alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True  # the folder is an artifact, whose files are all known

from decoding import Steps, classes, told  # noqa: E402  beside this file
from events import EventsError, Sample, check_lines, read_events  # noqa: E402
from model import Model  # noqa: E402

PARTS = ("u", "v", "w")
FLAGS = (("spike", "whether u wrapped", "whether v was clipped"), (), ("whether w was clipped",))
"""The lowest bits of each number of a lane: one of u, v and, with adaptation, w."""
CHANGED = (
    "mem/, rtl/params.vh or host/network.json was changed since the export: `snnc verify` names the file"
)
Record = list[int]
"""Of a step and group its number, and the numbers of each lane."""


class Simulated:
    """A sample of the simulation: its records, by step and group, and the cycles of each step."""

    def __init__(self, records: list[Record], cycles: list[int], network: dict[str, Any]) -> None:
        self.records, self.cycles = records, cycles
        self.spikes: Steps = []
        self.v: Steps = []
        places = {each["first"] + n: each for each in network["places"] for n in range(each["groups"])}
        groups, lanes = len(places), network["lanes"]
        for number, (group, *values) in enumerate(records):
            if group != number % groups:
                raise EventsError(f"results.bin has group {group} where {number % groups} should be")
            if not group:
                self.spikes.append({})
                self.v.append({})
            place, states = places[group], len(values) // lanes
            first = (group - place["first"]) * lanes
            count = min(lanes, place["neurons"] - first)
            fired = [first + lane for lane in range(count) if values[states * lane] & 1]
            self.spikes[-1].setdefault(place["population"], []).extend(fired)
            self.v[-1].setdefault(place["population"], []).extend(values[1 : states * count : states])


def simulated(folder: Path, model: Model, samples: int, network: dict[str, Any]) -> Iterator[Simulated]:
    """What the simulation wrote of each sample. Raises `EventsError` if it did not write of all."""
    length, a_sample = 1 + model.lanes * model.states, model.steps * model.groups
    results = words(folder / "results.bin", samples * a_sample * length)
    times = words(folder / "cycles.bin", samples * model.steps)
    for _ in range(samples):
        records = [list(islice(results, length)) for _ in range(a_sample)]
        yield Simulated(records, list(islice(times, model.steps)), network)


def words(path: Path, count: int) -> Iterator[int]:
    """Numbers of four bytes, the lowest first. Raises `EventsError` if they are not `count`."""
    data = path.read_bytes()
    if len(data) != 4 * count:
        raise EventsError(
            f"{path.name} has {len(data)} bytes, expected {4 * count}: the simulation ran other events, or "
            "was that of `make wave`, or stopped early and said why"
        )
    found = array("i", data)
    if sys.byteorder == "big":
        found.byteswap()
    return iter(found)


def difference(found: Simulated, model: Model, sample: Sample, network: dict[str, Any]) -> str:
    """The first state that is not what `model` computes, in words; "" if there is none."""
    for number, (ours, expected) in enumerate(zip(found.records, model.run(sample), strict=True)):
        if ours != expected:
            at = next(n for n, pair in enumerate(zip(ours, expected, strict=True)) if pair[0] != pair[1]) - 1
            lane, part = divmod(at, model.states)
            step, group = divmod(number, model.groups)
            what, is_now, should = _state(part, ours[at + 1], expected[at + 1])
            where = _neuron(network, group, lane)
            return f"step {step}, lane {lane} of group {group}{where}: {what} is {is_now}, expected {should}"
    return ""


def _state(part: int, ours: int, expected: int) -> tuple[str, int, int]:
    """The name of what differs in two numbers of a lane, and its two values."""
    flags = FLAGS[part]
    if ours >> len(flags) != expected >> len(flags):
        return PARTS[part], ours >> len(flags), expected >> len(flags)
    bit = next(bit for bit in range(len(flags)) if (ours ^ expected) >> bit & 1)
    return flags[bit], ours >> bit & 1, expected >> bit & 1


def _neuron(network: dict[str, Any], group: int, lane: int) -> str:
    for place in network["places"]:
        neuron = (group - place["first"]) * network["lanes"] + lane
        if 0 <= neuron < place["neurons"]:
            return f" (neuron {neuron} of population {place['population']})"
    return ""


def read(events: Path, network: dict[str, Any]) -> list[Sample]:
    """The samples of `events`. Raises `EventsError` if they are not those of the network."""
    with events.open() as lines:
        samples = read_events(iter(lines), network)
    for step in (step for sample in samples for step in sample):
        check_lines(step, network)
    return samples


def run(samples: list[Sample], network: dict[str, Any], folder: Path, compare: bool) -> str:
    """Tell of the samples; the first difference, or ""."""
    model = Model(folder)
    for number, found in enumerate(simulated(folder, model, len(samples), network)):
        answer = told(network, classes(network, found.spikes, found.v))
        spikes = sum(len(each) for step in found.spikes for each in step.values())
        print(f"sample {number}: class {answer}; {spikes} spikes, {sum(found.cycles)} cycles")
        if compare and (problem := difference(found, model, samples[number], network)):
            return f"sample {number}, {problem}"
    if compare:
        states = "u, w, v" if model.states == len(PARTS) else "u, v"
        many = f"{len(samples)} sample" + ("s" if len(samples) > 1 else "")
        print(f"{many} of {model.steps} steps: every {states} and spike is as expected")
    return ""


def main(given: list[str] | None = None) -> int:
    """The command; its exit status: 1 if a state differs, 2 if a file cannot be read."""
    parser = argparse.ArgumentParser(description="Tell what a simulation of the core computed.")
    parser.add_argument(
        "what", choices=["read", "tell", "compare"], help="compare: also with what model.py computes"
    )
    parser.add_argument("events", type=Path, help="the file of events that is simulated")
    options = parser.parse_args(given)
    here = Path(__file__).resolve().parent
    try:
        network = json.loads((here / "network.json").read_text())
        samples = read(options.events, network)
        if options.what == "read":
            return 0
        problem = run(samples, network, here.parent, options.what == "compare")
    except (EventsError, OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        print(f"check.py: {error}", file=sys.stderr)
        return 2
    except (ValueError, LookupError, ArithmeticError) as error:
        print(f"check.py: {CHANGED} ({error!r})", file=sys.stderr)
        return 2
    if problem:
        print(f"check.py: {problem}", file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
