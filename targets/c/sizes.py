"""How large the C program is and what it does in a sample: what `snnc export` prints of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from snnc.errors import ExecutorError, InputError
from snnc.io import files
from snnc.stages import Artifact, QuantizedGraph, SynapseMatrix, Trace
from snnc.stages.population import INPUT
from snnc.stages.synapses import Synapses
from snnc.targets.c import compiler
from snnc.targets.c.emitter import sources, table_and_state_bytes
from snnc.targets.c.executor import CExecutor
from snnc.text import shell

SIZE_FLAGS = ("-std=c99", "-Os", "-c")
SCORES = "-DSNN_SCORES"
COMPILED_LARGEST = 1 << 23
"""Bytes of tables beyond which nothing is compiled to be measured: a million numbers take a second."""


def describe(artifact: Artifact) -> Iterator[str]:
    """Lines on flash, RAM and the work of a sample; what is not measured is called an estimate."""
    tables, state = table_and_state_bytes(artifact.graph)
    try:
        flash, ram = _measured(artifact.graph, tables)
        yield f"flash: {flash} bytes, of which {tables} tables; RAM: {ram} bytes of state ({_how()})"
        yield f"work of a sample: {_work(artifact)}"
    except (ExecutorError, InputError) as error:
        reason = str(error).splitlines()[0]
        yield f"flash: {tables} bytes of tables, RAM: {state} bytes of state (estimates, no code: {reason})"


def occupied(artifact: Artifact) -> dict[str, str]:
    """Flash and RAM, also of a program that decodes, and how they were found: name -> text."""
    tables, state = table_and_state_bytes(artifact.graph)
    found = {}
    try:
        for macros in ((), (SCORES,)):
            flash, ram = _measured(artifact.graph, tables, *macros)
            with_macros = f" with {macros[0]}" if macros else ""
            found[f"flash{with_macros}"] = f"{flash} bytes, of which {tables} tables"
            found[f"RAM{with_macros}"] = f"{ram} bytes of state"
        return found | {"measured": f"{_how()}, without the C library"}
    except (ExecutorError, InputError) as error:
        reason = str(error).splitlines()[0]
        return {
            "flash": f"{tables} bytes of tables",
            "RAM": f"{state} bytes of state",
            "estimated": f"without code: {reason}",
        }


def _measured(graph: QuantizedGraph, tables: int, *macros: str) -> tuple[int, int]:
    if tables > COMPILED_LARGEST:
        raise ExecutorError(f"tables of more than {COMPILED_LARGEST} bytes take long to compile")
    return compiled_sizes(graph, *macros)


def _how() -> str:
    return f"compiled by {shell(*compiler.command(), *SIZE_FLAGS[1:-1])}"


def compiled_sizes(graph: QuantizedGraph, *macros: str) -> tuple[int, int]:
    """Bytes of `snn.c` compiled for size (code and tables), and of `snn_state`, with `macros`.

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
        compiler.compile_c([[*SIZE_FLAGS, *macros, name] for name in ("snn.c", "state.c")], folder)
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
    updates = graph.time_steps * sum(each.neurons for each in graph.populations if each.model != INPUT)
    if len(spikes) == 0:
        return f"{updates} neuron updates"
    trace = CExecutor().run(artifact, spikes)
    events = synaptic_events(graph, sent_by(graph, spikes, trace))
    return (
        f"{updates} neuron updates and {events / len(spikes):.0f} synaptic events "
        f"(counted; mean of the {len(spikes)} golden inputs)"
    )


def synaptic_events(graph: QuantizedGraph, sent: Mapping[str, npt.NDArray[np.generic]]) -> int:
    """Synapses that the events of all samples reach; `sent` is [samples, T, neurons] of every source."""
    return sum(
        int((np.count_nonzero(sent[each.source], axis=(0, 1)) * fan_out(each.synapses)).sum())
        for each in graph.projections
    )


def sent_by(
    graph: QuantizedGraph, spikes: npt.NDArray[np.uint8], trace: Trace
) -> dict[str, npt.NDArray[np.generic]]:
    """Population -> what it sends, [samples, T, neurons], of `spikes` and `trace`.

    An input sends nothing from its end on.
    """
    states = iter(trace.layers)
    return {
        each.name: spikes[:, : graph.end(each.name), graph.lines(each.name)]
        if each.model == INPUT
        else next(states).spikes
        for each in graph.populations
    }


def fan_out(synapses: Synapses) -> npt.NDArray[np.int64]:
    """int64 [pre_neurons]: synapses that lead from each neuron."""
    if isinstance(synapses, SynapseMatrix):
        return np.count_nonzero(synapses.weight, axis=0)
    return np.bincount(synapses.as_list().pre, minlength=synapses.pre_neurons)
