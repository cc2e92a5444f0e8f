"""What `verify` found beyond equal or not: cause, context and reproducer of a divergence; coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from snnc.brief import brief


@dataclass(frozen=True, slots=True)
class Cause:
    """A fault under which the contract's arithmetic gives what the other side found.

    `name` is that of a row in `docs/faults.md`, `summary` one sentence, `where` a synapse or a number
    ("synapse from 12: delay 7 instead of 6") or "", `remedy` what to look at. Of the `neurons` of the layer,
    in the sample of the divergence, `explained` are reproduced in every step. `tests` are the further
    samples in which the layer differs, all of which it reproduces, without those that it was solved from; 0
    if there were none, or if something else differs too.
    """

    name: str
    summary: str
    where: str
    remedy: str
    explained: int
    neurons: int
    tests: int = 0


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an accuracy may say too much, in a sentence on its recordings, and in a few words.

    They had a part in what the network is, or nobody knows whether they had.
    """

    text: str
    short: str


@dataclass(frozen=True, slots=True)
class AnswerDifference:
    """The first difference of what a program answers from the contract, beside its states.

    `by` names the program or file. `kind` is one of "u", "v" and "spike" (a state by another way than the
    trace), "score", "class", "name", "fact" (that it tells of the network) and "saturations"; `what` is that
    with its place, as "score of class 3". `sample` counts in the inputs `split`; None where it is of none
    alone. `expected` and `found` are in words; `look_at` is what to look at.
    """

    __repr__ = brief

    by: str
    split: str
    sample: int | None
    kind: str
    what: str
    expected: str
    found: str
    look_at: str


@dataclass(frozen=True, slots=True)
class Breakdown:
    """`executor` broke down in a run on `inputs` inputs made to test a cause; `raised` is type and text.

    `made` is the number of the one, from 0 in the order in which they are made, that breaks it down alone,
    and `events` the input events in it; both None if none does alone.
    """

    __repr__ = brief

    executor: str
    raised: str
    inputs: int
    made: int | None = None
    events: int | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The causes that reproduce a divergence and that no further sample refutes, best first, of `tried`
    hypotheses.

    `unknown` says why none could be tried; then there are no causes. `broke`: why no further sample tests
    them.
    """

    __repr__ = brief

    causes: tuple[Cause, ...] = ()
    tried: int = 0
    unknown: str | None = None
    broke: Breakdown | None = None


@dataclass(frozen=True, slots=True)
class StepCycles:
    """Clock cycles of a core, each of `steps` steps compared with the machine model and equal to it.

    `total` of all steps, `longest` of one; no step of any input takes more than `bound`.
    """

    steps: int
    total: int
    longest: int
    bound: int

    def __add__(self, other: StepCycles) -> StepCycles:
        longest, bound = max(self.longest, other.longest), max(self.bound, other.bound)
        return StepCycles(self.steps + other.steps, self.total + other.total, longest, bound)


@dataclass(frozen=True, slots=True)
class Located:
    """The `part` of a program, in its `file`, that was seen first to do other than it must; `what` it did."""

    __repr__ = brief

    part: str
    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.part} ({self.file}): {self.what}"


@dataclass(frozen=True, slots=True)
class NeuronContext:
    """The diverging neuron around the step of the divergence, by step from `first` on.

    `u`, `v`: expected and found by step, and `w` where the neuron has one; `threshold` is in the units of v,
    None where the neuron never spikes. `spikes`:
    the steps in which it spiked.
    """

    __repr__ = brief

    first: int
    expected_u: tuple[int, ...]
    found_u: tuple[int, ...]
    expected_v: tuple[int, ...]
    found_v: tuple[int, ...]
    expected_spikes: tuple[int, ...]
    found_spikes: tuple[int, ...]
    threshold: int | None
    expected_w: tuple[int, ...] = ()
    found_w: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reproducer:
    """The smallest network and input found on which the executor still differs, saved as an artifact.

    `folder` is its path as `snnc verify` takes it, or None; then `absent` says why there is none. `layers`
    are the neurons of each layer; `events` the input events left; `runs` how often the executor was run.
    `stopped` says what ended the search early; None: nothing more can be left out.
    """

    __repr__ = brief

    folder: str | None = None
    absent: str | None = None
    inputs: int = 0
    layers: tuple[int, ...] = ()
    synapses: int = 0
    steps: int = 0
    events: int = 0
    runs: int = 0
    seconds: float = 0.0
    stopped: str | None = None


@dataclass(frozen=True, slots=True)
class LayerCoverage:
    """What the compared inputs reached in one layer, of what there is.

    A synapse is carried if a spike crossed it and arrived before T. `delays` are the distinct ones of the
    layer. Of `met` neurons v met a threshold above 0 exactly, in `equalities` steps together; `just_above`
    fired with v less than a weight of 1 (64) above the threshold, `one_above` with v exactly 1 above, and
    `just_below` stayed silent with v less than 64 below. At `together` neurons two spikes arrived in one
    step. `first_step` and `last_step` of the `sources` spiked in that step.
    `negative_roundings`, `positive_roundings`: decays of a u or v of that sign with a rest, of v where no
    spike followed; of a negative one, rounding toward zero is not rounding down. In `u_at_wrap` steps u was
    exactly 2^23 or -2^23 before the wrap. `w_clips` is None where the neurons have no w.
    `unreachable`: of the synapses that carried no spike, how many carry one on no input, as far as the range
    proof shows; None in reports of earlier releases.
    """

    __repr__ = brief

    layer: str
    neurons: int
    spiked: int
    synapses: int
    carried: int
    delays: int
    delays_carried: int
    met: int
    equalities: int
    negative_roundings: int
    u_wraps: int
    v_clips: int
    positive_roundings: int = 0
    just_above: int = 0
    just_below: int = 0
    one_above: int = 0
    together: int = 0
    sources: int = 0
    first_step: int = 0
    last_step: int = 0
    u_at_wrap: int = 0
    w_clips: int | None = None
    unreachable: int | None = None


SYNTHETIC = ("golden", "generated")
"""Groups of inputs that nobody recorded."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage over `samples` of the `inputs` named; `unreached` names what none of them reached.

    `silent`: populations with a threshold of which no neuron fired on any recording, if recordings ran;
    synthetic inputs may have made some fire.
    """

    __repr__ = brief

    inputs: str
    samples: int
    layers: tuple[LayerCoverage, ...]
    unreached: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


UNKNOWN_SPEAKER = "unknown"
FEW_SPEAKERS = 10
"""Fewer are told wherever an accuracy is of them: it says little of others."""
"""What the speaker of recordings is called that name none."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """Recordings of `split` by class: `counts[class name]` are those decoded as each of `classes`.

    `speakers`: of each one how many are right, and how many there are; empty where none is known.
    `strangers`: whether none of them trained or validated the network, None if that is not known.
    `recordings`: a fingerprint of all of them with their classes, whatever their order and file.
    """

    __repr__ = brief

    split: str
    classes: tuple[str, ...]
    counts: Mapping[str, tuple[int, ...]]
    speakers: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    strangers: bool | None = None
    recordings: str = ""
