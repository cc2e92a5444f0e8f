"""How large the C program is and what it does in a sample: what `snnc export` prints of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from snnc.errors import ExecutorError, InputError
from snnc.io import files
from snnc.stages import Artifact, QuantizedGraph
from snnc.targets.c import compiler
from snnc.targets.c.emitter import layer_programs, sources, state_bytes, table_bytes
from snnc.targets.c.executor import CExecutor
from snnc.text import shell

SIZE_FLAGS = ("-std=c99", "-Os", "-c")


def describe(artifact: Artifact) -> Iterator[str]:
    """Lines on flash, RAM and the work of a sample; what is not measured is called an estimate."""
    layers = layer_programs(artifact.graph)
    tables, state = table_bytes(layers), state_bytes(layers)
    try:
        flash, ram = compiled_sizes(artifact.graph)
        with_flags = f"compiled by {shell(*compiler.command(), *SIZE_FLAGS[1:-1])}"
        yield f"flash: {flash} bytes, of which {tables} tables; RAM: {ram} bytes of state ({with_flags})"
        yield f"work of a sample: {_work(artifact)}"
    except (ExecutorError, InputError) as error:
        reason = str(error).splitlines()[0]
        yield f"flash: {tables} bytes of tables, RAM: {state} bytes of state (estimates, no code: {reason})"


def compiled_sizes(graph: QuantizedGraph) -> tuple[int, int]:
    """Bytes of `snn.c` compiled for size (code and tables), and of `snn_state`, without either macro.

    `CC` may name a cross compiler; its own `size` reads the objects.

    Raises
    ------
    ExecutorError
        If there is no compiler or no `size`, or one fails.
    InputError
        If there is no room for temporary files.
    """
    with files.temporary("snnc-c-") as folder:
        for file, data in sources(graph).items():
            (folder / file).write_bytes(data)
        (folder / "state.c").write_text('#include "snn.h"\nsnn_state state;\n')
        compiler.compile_c([[*SIZE_FLAGS, name] for name in ("snn.c", "state.c")], folder)
        tool = compiler.call(
            [*compiler.command(), "-print-prog-name=size"], folder, compiler.TIME_LIMIT, "the C compiler"
        )
        words = [tool.strip() or "size", "snn.o", "state.o"]
        lines = compiler.call(words, folder, compiler.TIME_LIMIT, "size").splitlines()
    try:
        code, state = ([int(number) for number in line.split()[:3]] for line in lines[1:3])  # text, data, bss
    except ValueError as error:
        raise ExecutorError(f"size ({words[0]}) did not write a table of sizes") from error
    return code[0] + code[1], state[1] + state[2]


def _work(artifact: Artifact) -> str:
    """Operations that the golden inputs take, counted on this machine."""
    graph, spikes = artifact.graph, artifact.golden_input
    updates = graph.time_steps * sum(layer.neurons for layer in graph.layers)
    if len(spikes) == 0:
        return f"{updates} neuron updates"
    trace = CExecutor().run(artifact, spikes)
    events = synaptic_events(graph, [spikes, *(layer.spikes for layer in trace)])
    return (
        f"{updates} neuron updates and {events / len(spikes):.0f} synaptic events "
        f"(counted; mean of the {len(spikes)} golden inputs)"
    )


def synaptic_events(graph: QuantizedGraph, sources: list[np.ndarray]) -> int:
    """Synapses that the events of all samples reach; `sources` [layer] is [samples, T, inputs]."""
    return sum(
        int((np.count_nonzero(events, axis=(0, 1)) * np.count_nonzero(layer.weight, axis=0)).sum())
        for layer, events in zip(graph.layers, sources, strict=False)
    )
