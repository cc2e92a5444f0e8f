"""The target `c`: a C99 program for a processor, of any size."""

from __future__ import annotations

from snnc.target import Target, processor_limits
from snnc.targets.c.emitter import check_graph, emit
from snnc.targets.c.graph.executor import input_bytes
from snnc.targets.c.sizes import describe, occupied

TARGET = Target(
    name="c",
    description="C99 without libraries or a heap, for microcontrollers (compiled and run on this machine)",
    limits=processor_limits(20),  # clause 2: |weight| is at most 2**18
    check=check_graph,
    emit=emit,
    chip=False,
    describe=describe,
    occupied=occupied,
    write_input=lambda artifact, events: input_bytes(artifact.graph, events),
    executors=("c",),
    follows_events=True,
)
