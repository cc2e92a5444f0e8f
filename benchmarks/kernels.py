"""When the bit kernel pays: `python -m benchmarks.kernels` measures what `Delivery.choose` assumes.

A layer a row, a block of eight samples; CPU time of the thread, the least of several runs. `costs` is the bit
kernel's time in synaptic events (of the event kernel), `assumed` what the rule takes it to be; `crossing` is
the firing rate from which bits are faster, and `rule` that from which they are chosen.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from snnc.hwsim.bit_kernel import deliver_bits
from snnc.hwsim.bit_trains import SAMPLES, pack
from snnc.hwsim.delivery import Delivery, Inlet
from snnc.hwsim.kernels import deliver_events
from snnc.hwsim.spikes import Workspace
from snnc.stages import SynapseMatrix

LAYERS = (  # sources, neurons, T, largest |weight|
    (140, 256, 100, 127),
    (256, 256, 100, 127),
    (256, 20, 100, 127),
    (512, 512, 100, 127),
    (1024, 1024, 100, 127),
    (700, 64, 100, 127),
    (64, 700, 100, 127),
    (16, 16, 100, 127),
    (256, 256, 100, 7),
    (256, 256, 100, 1),
    (256, 256, 20, 127),
    (256, 256, 64, 127),
    (256, 256, 250, 127),
)
LONGEST, HIGH = 24, 0.06


def main() -> None:
    rng = np.random.default_rng(0)
    print("| sources | neurons | T | weights | bits, us | ns an event | costs | assumed | crossing | rule |")
    print("|---" * 10 + "|")
    for sources, neurons, steps, largest in LAYERS:
        shape = neurons, sources
        weight = rng.integers(1, largest + 1, shape) * rng.choice([-1, 1], shape)
        delay = rng.integers(0, min(LONGEST + 1, steps), shape)
        program = Delivery("layer", [Inlet(SynapseMatrix(weight, delay))], sources, neurons, steps)
        arriving = np.empty((SAMPLES, steps, neurons), np.int32)
        spikes = (rng.random((SAMPLES, steps, sources)) < HIGH).astype(np.uint8)

        memory = Workspace().allocate(program.bits[-1])

        def events(spikes, program=program, arriving=arriving) -> None:  # type: ignore[no-untyped-def]
            deliver_events(spikes, *program.events, arriving)

        bits = _least(
            lambda program=program, spikes=spikes, memory=memory, out=arriving: deliver_bits(
                pack(spikes), *program.bits[:-1], memory, out
            )
        )
        idle = _least(lambda events=events, spikes=spikes: events(np.zeros_like(spikes)))
        event = (_least(lambda events=events, spikes=spikes: events(spikes)) - idle) / (
            spikes.sum() * neurons
        )
        most = SAMPLES * steps * sources * neurons  # events if all fire in every step
        crossing = max(bits - idle, 0) / (event * most)
        assumed = program.bits_cost(SAMPLES)
        rule = max(assumed - SAMPLES * steps * sources, 0) / most
        print(
            f"| {sources} | {neurons} | {steps} | ±{largest} | {1e6 * bits:.0f} | {1e9 * event:.2f} "
            f"| {bits / event / 1e3:.0f} k | {assumed / 1e3:.0f} k | {crossing:.1%} | {rule:.1%} |"
        )


def _least(run: Callable[[], object]) -> float:
    times = []
    for _ in range(20):
        began = time.thread_time()
        run()
        times.append(time.thread_time() - began)
    return min(times[1:])


if __name__ == "__main__":
    main()
