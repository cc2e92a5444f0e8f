"""Reports built by hand, for the tests of their renderings."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from functools import cache
from typing import Any

from snnc.operation_costs import OPERATIONS
from snnc.stages import (
    AccuracyStage,
    Cause,
    Confusion,
    Coverage,
    Diagnosis,
    Divergence,
    ExecutorResult,
    LayerCoverage,
    NeuronContext,
    Report,
    Reproducer,
    Rung,
    Synapse,
    Traffic,
)
from snnc.stages.chip import ChipEstimate, CoreLoad, LinkLoad, Operation, OtherCosts, Workload
from snnc.stages.losses import (
    BitsCandidate,
    BitsSearch,
    BudgetLayer,
    BudgetStage,
    ExportLosses,
    Fidelity,
    LossBudget,
    Recordings,
)

NAMES = ("torch", "oracle", "hwsim", "lava-stock", "lava-event")
SAMPLES = 28


def equal() -> Report:
    """Five executors that agree, with every section filled."""
    return Report(
        artifact="digits.loihi",
        target="loihi",
        reference="torch",
        inputs={"golden": 8, "test": 20},
        executors=tuple(
            ExecutorResult(name, Rung.BIT_EXACT, SAMPLES, 0.4 * 3**k, saturations=0)
            for k, name in enumerate(NAMES)
        ),
        accuracy=(
            AccuracyStage("float", "test", 187, 200, lost=0),
            AccuracyStage("rounded", "test", 186, 200, lost=3),
            AccuracyStage("finished", "test", 188, 200, lost=2, lost_at_end=6),
            AccuracyStage("quantised only", "test", 183, 200, lost=6),
            AccuracyStage("quantised", "test", 184, 200, lost=5),
        ),
        golden_reproduced=True,
        threshold_equalities=3,
        command="snnc verify digits.loihi --samples 20",
        provenance={
            "verified_with": {"numpy": "2.4.1", "torch": "2.9.0"},
            "graph_hash": "9f2c" * 16,
            "seed": 7,
            "allow_saturation": False,
            "overflow_proved": True,
        },
        resources=tuple(
            {
                "chip": 0,
                "core": core,
                "tile": "0, 0",
                "holds": f"{layer} (32)",
                "neurons": "32 / 1024",
                "synapse memory": f"{memory} / 131072",
                "input axons": f"{axons} / 4096",
            }
            for core, layer, memory, axons in (
                (0, "hidden1", 62_000, 700),
                (1, "hidden1", 124_500, 700),
                (2, "hidden2", 8_192, 128),
                (3, "readout", 2_560, 64),
            )
        ),
        layers=tuple(
            {
                "name": name,
                "neurons": neurons,
                "inputs": inputs,
                "synapses": neurons * inputs,
                "max_delay": 30,
                "threshold": threshold,
                "bias_exp": 2,
                "decay_u": 4096,
                "decay_v": 204,
                "u_bound": 812_352,
                "u_limit": 8_388_608,
                "v_bound": 6_912_004,
                "v_limit": 8_388_607,
                "headroom_bits": 0.27,
            }
            for name, neurons, inputs, threshold in (
                ("hidden1", 64, 700, 512),
                ("hidden2", 64, 64, 731),
                ("readout", 10, 64, None),
            )
        ),
        figures=figures(),
        costs=losses(),
        chip_cores=128,
        traffic=Traffic(
            measured=True,
            recordings=10,
            spikes=1500,
            hops=90,
            in_order_cores=5,
            in_order_spikes=2000,
            in_order_hops=None,
        ),
        chip=chip(),
        chip_inputs="test",
        coverage=(coverage("recordings", 28, 4000), coverage("recordings and generated inputs", 60, 45_000)),
        confusion=confusion(),
    )


def different(layer: str = "hidden2") -> Report:
    """`hwsim` leaves the reference in `layer`; one Lava executor did not run."""
    divergence = Divergence(
        split="test",
        sample=3,
        step=17,
        layer=layer,
        neuron=41,
        variable="v",
        expected=812,
        found=811,
        synapses=(
            Synapse(7, -23, 4, 13),
            Synapse(12, 90, 0, 17),
            Synapse(30, 5, 16, 1),
            Synapse(31, 6, 17, 0),
        ),
        synapse_count=9,
    )
    report = equal()
    executors = list(report.executors)
    executors[2] = replace(executors[2], rung=Rung.CLASS, divergence=replace(divergence, **findings()))
    executors[4] = ExecutorResult(
        "lava-event", Rung.NOTHING, 0, 0.0, skipped="needs Python 3.10; run `uv sync`"
    )
    return replace(report, executors=tuple(executors), figures=figures(found=True))


def findings() -> dict[str, Any]:
    """What was found about the divergence in step 17: v is less from there on, and spikes a step later."""
    v = (100, 700, 812, 990, 1040, 30)
    return {
        "diagnosis": Diagnosis(
            (
                Cause(
                    "decay-rounds-down",
                    "The decay of v rounds down instead of toward zero.",
                    "",
                    "the division of the decay; shift right of a negative number",
                    64,
                    64,
                    9,
                ),
                Cause(
                    "weight-changed",
                    "one weight differs",
                    "synapse from 12: weight 89 instead of 90",
                    "how weights are read",
                    64,
                    64,
                    9,
                ),
            ),
            tried=412,
        ),
        "vicinity": NeuronContext(
            first=15,
            expected_u=(10, 60, 40, 20, 10, 5),
            found_u=(10, 60, 40, 20, 10, 5),
            expected_v=v,
            found_v=(100, 700, 811, 988, 1010, 1036),
            expected_spikes=(19,),
            found_spikes=(20,),
            threshold=1024,
        ),
        "reproducer": Reproducer(
            folder="differs hwsim",
            inputs=1,
            layers=(2, 1),
            synapses=3,
            steps=9,
            events=2,
            runs=57,
            seconds=1.25,
        ),
    }


def coverage(inputs: str, samples: int, carried: int) -> Coverage:
    """Two layers that spike and a readout; 3 neurons never fire, as long as not all is reached."""
    layers = (
        LayerCoverage(
            "hidden1", 64, 61, 44_800, carried - 800, 31, 29, 2, 3, 90, 0, 0, 70, 5, 6, 1, 60, 700, 7, 8, 0
        ),
        LayerCoverage("hidden2", 64, 64, 4096, 700, 31, 31, 0, 0, 41, 0, 2, 9, 1, 2, 0, 64, 64, 3, 4, 0),
        LayerCoverage("readout", 10, 0, 640, 100, 20, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 64, 3, 4, 0),
    )
    return Coverage(inputs, samples, layers, ("hidden1: neuron 7 <never> spikes", "hidden1: delay 30"))


def confusion() -> Confusion:
    """Ten classes of 20 recordings, 184 right: 3 is taken for 5 nine times, 7 for 1 seven times."""
    classes = tuple(str(k) for k in range(10))
    counts = [[20 if row == column else 0 for column in range(10)] for row in range(10)]
    for true, taken, count in ((3, 5, 9), (7, 1, 7)):
        counts[true][true] -= count
        counts[true][taken] += count
    return Confusion("test", classes, {name: tuple(row) for name, row in zip(classes, counts, strict=True)})


def chip() -> ChipEstimate:
    """Two samples of 10 steps on three cores of two tiles; 2 ms and 4 µJ in all."""
    us, nj = 10**6, 10**6  # in picoseconds and femtojoules

    def core(number: int, column: int, holds: str, neurons: int, synapses: int, energy: int) -> CoreLoad:
        updates = {"update_inactive": 0, "update_active": neurons * us, "spike": 0, "message": 0}
        reads = {"axon_lookup": 0, "memory_read": synapses * us // 2}
        reads |= {"synapse_dense": synapses * us // 4, "synapse_sparse": synapses * us // 4}
        layer, _, text = holds.partition(" ")
        return CoreLoad(
            0, number, column, 0, {layer: text}, updates, reads, energy * nj, 20 if number == 5 else 0
        )

    counts = {
        "update_active": (4000, 1000 * nj),
        "hop_x": (80, 200 * nj),
        "synapse_sparse": (9001, 2800 * nj),
    }
    return ChipEstimate(
        costs="loihi1",
        about="made up for <tests>",
        assumed=("time of the barrier: grows evenly",),
        samples=2,
        steps=10,
        sample_seconds=0.5,
        latency=2000 * us,
        longest_step=150 * us,
        step_times=tuple(us * (110 + 20 * step) for step in range(10)),
        barrier=100 * us,
        energy=4000 * nj,
        operations=tuple(Operation(name, *counts.get(name, (0, 0)), 0) for name in OPERATIONS),
        cores=(
            core(0, 0, "hidden1 0:32", 200, 400, 1000),
            core(1, 0, "hidden1 32:64", 200, 300, 900),
            core(5, 1, "hidden2 0:60,63", 100, 1420, 1900),
        ),
        links=(LinkLoad(0, 0, 1, 0, 80, 10 * us, 3 * us, 0), LinkLoad(1, 0, 0, 0, 5, us, 0, 0)),
        others=(OtherCosts("loihi2", "made up too", 500 * us, 4000 * nj),),
        workload=Workload(100_000, 9001, 300, 1240, 5, 20, 96),
        chip_columns=8,
        chip_rows=4,
        cores_per_tile=4,
    )


def losses() -> ExportLosses:
    """A network of two layers, and a search that found fewer bits for the first."""
    used = Recordings("validation", 200, 240)

    def stage(name: str, correct: int, spikes: int, *decibels: float | str | None) -> BudgetStage:
        def ratio(value: float | str | None) -> Fidelity | None:
            return (
                None if value is None else Fidelity(None if isinstance(value, str) else value, value == "=")
            )

        previous, first = (decibels[:2], decibels[2:])
        layers = (
            BudgetLayer(layer, count, ratio(before), ratio(origin))
            for layer, count, before, origin in zip(
                ("hidden1", "readout"), (spikes, None), previous, first, strict=True
            )
        )
        return BudgetStage(name, correct, tuple(layers))

    loss = LossBudget(
        used,
        (
            stage("float", 190, 1000, None, None, None, None),
            stage("rounded", 186, 1100, 17.35, 14.5, 17.35, 14.5),
            stage("weights", 187, 990, 32.5, 26.9, 15.67, "?"),
            stage("decay", 187, 990, "=", "=", 15.67, "?"),
            stage("quantised", 184, 990, 44.5, 38.94, 15.6, 13.25),
        ),
    )
    candidates = (
        BitsCandidate((8, 8), 188, (4000, 400), (5000, 500)),
        BitsCandidate((2, 2), None, problem="hidden1: no 2-bit scale holds <both>"),
        BitsCandidate((4, 8), 187, (3800, 400), (2850, 500)),
    )
    return ExportLosses(loss, BitsSearch(used, 1.0, 189, ("hidden1", "readout"), candidates, (4, 8)))


def figures(*, found: bool = False) -> dict[str, Any]:
    """Pictures of a made-up sample of 60 steps; with what an executor gave that lost and made up spikes."""
    return json.loads(_figures(found))


@cache
def _figures(found: bool) -> str:
    """As JSON, since whoever is given it may change it."""
    draw = random.Random(1)
    steps = 60
    raster = []
    for name, count, rate in (("input", 700, 0.02), ("hidden1", 64, 0.08), ("hidden2", 64, 0.06)):
        spikes = [(t, n) for t in range(steps) for n in range(count) if draw.random() < rate]
        row = {
            "name": name,
            "steps": [t for t, _ in spikes],
            "neurons": [n for _, n in spikes],
            "count": count,
        }
        if found and name == "hidden2":
            # From step 17 on every fifth spike comes a step late; of the last step there is none.
            late = [(t + (k % 5 == 0 and 17 <= t < steps - 1), n) for k, (t, n) in enumerate(spikes)]
            row |= {"found_steps": [t for t, _ in late], "found_neurons": [n for _, n in late]}
        raster.append(row)
    histograms = []
    for layer in ("hidden1", "hidden2", "readout"):
        bump = [round(400 * math.exp(-((d - 12) ** 2) / 60)) for d in range(31)]
        fine = [round(100 * math.exp(-((d / 4 - 12) ** 2) / 60)) for d in range(124)]
        bell = [round(300 * math.exp(-(w**2) / 900)) for w in range(-128, 128)]
        coarse = [round(1200 * math.exp(-((w - 31) ** 2) / 60)) for w in range(63)]
        histograms.append(
            {
                "layer": layer,
                "delay_before": {"x": [d / 4 + 0.125 for d in range(124)], "y": fine},
                "delay_after": {"x": list(range(31)), "y": bump},
                "weight_before": {"x": [(w - 31) / 80 for w in range(63)], "y": coarse},
                "scale": 300.0,
                "weight_after": {"x": list(range(-128, 128)), "y": bell},
                "trained": True,
            }
        )
    flat = {"x": list(range(25)), "y": [160] * 25}
    learned = {"delay_initial": flat, "delay_learned": histograms[0]["delay_after"]}
    histograms[0] |= learned | {"taps": [25, 31]}
    histograms[1] |= learned | {"taps": [31, 31]}
    curves = []
    for digit in range(10):
        level, curve = 0.0, []
        for t in range(steps):
            level = 0.95 * level + draw.gauss(0.03, 0.15) + (0.12 if digit == 3 and t > 15 else 0)
            curve.append(round(level, 4))
        curves.append(curve)
    readout = {"classes": [str(k) for k in range(10)], "v": curves, "label": "3", "predicted": "5"}
    sample = {"split": "test", "index": 3 if found else 0}
    made = {
        "sample": sample,
        "time_steps": 60,
        "raster": raster,
        "histograms": histograms,
        "readout": readout,
    }
    return json.dumps(made)


def only_reference(report: Report) -> Report:
    return replace(report, executors=report.executors[:1])


def nothing_run(report: Report) -> Report:
    return replace(report, executors=tuple(replace(r, samples=0) for r in report.executors))


def failed(report: Report) -> Report:
    broken = ExecutorResult("lava-event", Rung.NOTHING, 0, 0.1, failed="timed out after 60 s")
    return replace(report, executors=(*report.executors[:4], broken))


def golden_lost(report: Report) -> Report:
    return replace(report, golden_reproduced=False)


def weak_rung(report: Report) -> Report:
    weak = replace(report.executors[1], rung=Rung.READOUT)
    return replace(report, executors=(report.executors[0], weak))


def weak_shift(report: Report) -> Report:
    torch, oracle, hwsim, *others = report.executors
    oracle, hwsim = replace(oracle, rung=Rung.SHIFTED_SPIKES), replace(hwsim, saturations=None)
    return replace(report, executors=(torch, oracle, hwsim, *others))


def skipped(report: Report) -> Report:
    skipped = ExecutorResult("lava-stock", Rung.NOTHING, 0, 0.0, skipped="no Lava here")
    return replace(report, executors=(*report.executors[:3], skipped, report.executors[4]))
