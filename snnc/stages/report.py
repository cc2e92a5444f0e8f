"""Report: what `snnc verify` found, as plain data; the JSON and HTML files are renderings of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from snnc.brief import brief
from snnc.stages.board_clock import BoardClock
from snnc.stages.chip import ChipEstimate
from snnc.stages.findings import (
    AnswerDifference,
    Confusion,
    Coverage,
    Diagnosis,
    Doubt,
    Located,
    NeuronContext,
    Reproducer,
    StepCycles,
)
from snnc.stages.losses import ExportLosses
from snnc.stages.placed import Traffic

VARIABLES = ("u", "w", "v", "spike")
"""Order in which a difference counts as first within one neuron and step."""


class Rung(IntEnum):
    """The ladder of `docs/semantics.md`, "What equal means"; higher is stronger."""

    NOTHING = 0
    ACTIVITY = 1
    CLASS = 2
    READOUT = 3
    SHIFTED_SPIKES = 4
    BIT_EXACT = 5

    @property
    def label(self) -> str:
        return ("nothing", "activity", "class", "readout v", "spikes after a shift", "bit-exact")[self.value]


@dataclass(frozen=True, slots=True)
class Synapse:
    """A synapse whose spike arrived at the diverging neuron in the diverging step.

    Of a graph that is no chain: `population` is the one that `source` is a neuron of, and `weight` what it
    delivered, shifted by the exponent of its projection.
    """

    source: int
    weight: int
    delay: int
    spike_step: int
    population: str | None = None


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first difference between two executors. `split` names the inputs, `sample` counts in it."""

    __repr__ = brief

    split: str
    sample: int
    step: int
    layer: str
    neuron: int
    variable: str
    expected: int
    found: int
    synapses: tuple[Synapse, ...] = ()
    synapse_count: int = 0
    """How many synapses delivered a spike; `synapses` may list only the first few."""
    diagnosis: Diagnosis | None = None
    vicinity: NeuronContext | None = None
    """The neuron around the step; named as in `report.json`, like `Report.costs`."""
    reproducer: Reproducer | None = None


@dataclass(frozen=True, slots=True)
class ExecutorResult:
    """One executor against the reference.

    `divergence` is of its states. `answers` names what else of it was compared (`Trace.answers`), as
    "model.onnx: scores, classes", and `answer` is the first difference in these.

    `skipped` says why it could not run here, `failed` how it broke down; at most one is set. Of one that
    broke down, `samples` were compared before, and its differences, if there were any by then, stand.

    `located`: the part of its program that does other than it must, where the executor can tell.

    `own_arithmetic`: of one that does not compute by the contract, which arithmetic it has, in a sentence.

    `cycles`: of one that counts those of a core, which it found as the machine model says.
    """

    __repr__ = brief

    name: str
    rung: Rung
    samples: int
    seconds: float
    divergence: Divergence | None = None
    skipped: str | None = None
    failed: str | None = None
    saturations: int | None = None
    answers: tuple[str, ...] = ()
    answer: AnswerDifference | None = None
    located: Located | None = None
    own_arithmetic: str | None = None
    cycles: StepCycles | None = None

    @property
    def differs(self) -> bool:
        """Whether a difference was found, in its states or its answers."""
        return self.divergence is not None or self.answer is not None

    @property
    def highest(self) -> Rung:
        """The highest rung that is ever named of it: equality of states is not, with another arithmetic."""
        return Rung.BIT_EXACT if self.own_arithmetic is None else Rung.SHIFTED_SPIKES

    @property
    def equal(self) -> bool:
        """Whether all that was compared is equal."""
        return self.rung is self.highest and not self.differs


@dataclass(frozen=True, slots=True)
class AccuracyStage:
    """Accuracy of one stage (see `snnc.verification.accuracy`) on a split: `correct` of `total` samples.

    `lost` samples, of those that the first stage on the split got right, this one gets wrong, and `moved`
    get another class than from it, right or wrong; `lost_at_end`, of those that this one gets right, the last
    stage on the split gets wrong. None if nobody compared them one by one.
    """

    stage: str
    split: str
    correct: int
    total: int
    lost: int | None = None
    moved: int | None = None
    lost_at_end: int | None = None

    @property
    def accuracy(self) -> float:
        return self.correct / self.total if self.total else float("nan")


@dataclass(frozen=True, slots=True)
class Report:
    """Everything `report.json` and `report.html` show."""

    __repr__ = brief

    artifact: str
    target: str
    reference: str
    inputs: Mapping[str, int]
    """Name of each group of inputs -> number of samples compared."""
    executors: tuple[ExecutorResult, ...]
    accuracy: tuple[AccuracyStage, ...]
    golden_reproduced: bool
    """Whether the reference gave the readout that the exporting machine recorded."""
    threshold_equalities: int
    """Steps in which v met the threshold exactly (clause 6)."""
    command: str
    provenance: Mapping[str, Any]
    resources: tuple[Mapping[str, Any], ...]
    layers: tuple[Mapping[str, Any], ...]
    figures: Mapping[str, Any] = field(default_factory=dict)
    """Arrays for the pictures (rasters, histograms), plain lists."""
    costs: ExportLosses = field(default_factory=ExportLosses)
    """What the export measured."""
    chip_cores: int | None = None
    """Cores of one chip of the target, 0 if it is a program for a processor, None if unknown."""
    traffic: Traffic | None = None
    """Spikes between cores as the export counted them, None if it did not."""
    chip: ChipEstimate | None = None
    """Time and energy by the machine model, None if no costs are known of the target."""
    chip_inputs: str = ""
    """Name of the group of inputs that `chip` is an estimate for."""
    coverage: tuple[Coverage, ...] = ()
    """Of golden inputs and recordings alone, then of all inputs, if some were generated."""
    confusion: Confusion | None = None
    """Of the exported network on the split that the accuracy is of."""
    layers_compared: tuple[str, ...] = ()
    """Those that were compared, where it was not all of them."""
    own_executors: tuple[str, ...] | None = None
    """Executors that run the program of the target; None if the target writes none."""
    program_needed: bool = False
    """Whether one of these had to run: no executors were named, and --allow-missing was not given."""
    network: Mapping[str, Any] = field(default_factory=dict)
    """Populations and projections of a graph that is no chain (`graph_figures.network_of`); else nothing."""
    notes: tuple[str, ...] = ()
    """What was not looked at in a network of this kind, in sentences."""
    doubts: Mapping[str, Doubt] = field(default_factory=dict)
    """By split, why its accuracy may say too much; nothing of splits that are held out."""
    disagreement: str = ""
    """How far the network is not what it was converted from, in words; "" where all places agree."""
    rounding: str = ""
    """How the integers spike on the example that the network was held against, in words; "" if on none."""
    clock: BoardClock | None = None
    """Of a board, what `snnc place` found; None if it has not run or the target is no board."""
    finetuned: str = ""
    """What the exported integers were fine-tuned with, in words; "" if they were not, or nothing changed."""
    clipped: str = ""
    """The same of fine-tuning that kept no epoch: it trained nothing, and clipped the largest weights."""
    saturated_in: Mapping[str, int] = field(default_factory=dict)
    """By group of inputs, how often a state of the reference left its range; no group in which none did."""
    date: str = ""
    """When it was verified, as "2026-11-29T09:30:00Z"; "" where nobody said."""

    @property
    def ran(self) -> tuple[ExecutorResult, ...]:
        """Executors that gave a trace to compare; one that broke down, only if it differed before."""
        return tuple(r for r in self.executors if r.skipped is None and (r.failed is None or r.differs))

    @property
    def first_divergence(self) -> tuple[ExecutorResult, Divergence] | None:
        """The first divergence of all and the executor that shows it.

        First in the sense of `docs/semantics.md`: lowest sample, earliest step, first layer, lowest neuron,
        then u before w before v before spike; groups of inputs and layers in the order of the report, which
        is the contract order of populations.
        """
        splits = list(self.inputs)
        layers = [row.get("name") for row in self.layers]
        found = [(result, result.divergence) for result in self.ran if result.divergence is not None]

        def order(item: tuple[ExecutorResult, Divergence]) -> tuple[int, ...]:
            _, d = item
            split = splits.index(d.split) if d.split in splits else len(splits)
            layer = layers.index(d.layer) if d.layer in layers else len(layers)
            variable = VARIABLES.index(d.variable) if d.variable in VARIABLES else len(VARIABLES)
            return (split, d.sample, d.step, layer, d.neuron, variable)

        return min(found, key=order, default=None)

    @property
    def compared(self) -> tuple[ExecutorResult, ...]:
        """Executors that ran on at least one sample, without the reference itself."""
        return tuple(r for r in self.ran if r.name != self.reference and r.samples > 0)

    @property
    def rung(self) -> Rung:
        """Highest rung that holds for every executor compared; NOTHING if nothing was compared."""
        return min((result.rung for result in self.compared), default=Rung.NOTHING)

    @property
    def program_missed(self) -> bool:
        """Whether the target writes a program and no executor that runs it was compared."""
        own = self.own_executors
        return own is not None and not any(result.name in own for result in self.compared)

    @property
    def trusted(self) -> bool:
        """Another executor ran, none broke down, none differs, and the golden vectors hold.

        And the program of the target ran, if it had to. Those that compute by the contract are bit-exact
        then; of one with an arithmetic of its own it says that it is equal on these inputs.
        """
        failed = any(result.failed is not None for result in self.executors)
        missed = self.program_needed and self.program_missed
        equal = bool(self.compared) and all(result.equal for result in self.compared)
        return not failed and not missed and self.golden_reproduced and equal
