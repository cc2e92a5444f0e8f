"""How large the C program is: what `snnc export` prints of it."""

from __future__ import annotations

from collections.abc import Iterator

from snnc.errors import ExecutorError, InputError
from snnc.io import files
from snnc.io.size_file import kept_size
from snnc.stages import Artifact, QuantizedGraph
from snnc.target import MEASURED
from snnc.targets.c import compiler
from snnc.targets.c.emitter import sources, stored_whole, table_and_state_bytes
from snnc.text import shell

SIZE_FLAGS = ("-std=c99", "-Os", "-c")
SCORES = "-DSNN_SCORES"
WHOLE = 8
"""Bits of a byte."""
STORED_WHOLE = (
    "stored whole, where an event walks over zeros, which the work of a sample does not count: {names}; "
    "--prune saves flash, and time, once about half of a layer's synapses are 0 (a third with delays and at "
    "most 256 neurons, two thirds with neither)"
)
FEWER_BITS = (
    "a weight takes a byte in C, so fewer bits save flash by zeros and smaller biases alone; to make it "
    "smaller: {prune}, or fewer hidden neurons"
)
PRUNE, PRUNE_HALF, PRUNE_MORE = "--prune", "--prune, mostly from 0.5 on", "more --prune"
"""Where all synapses are lists, where some are not, and where it was pruned."""
WITHOUT_LIBRARY = ", without the C library"
NAMED = 4
"""Most names in a line."""
COMPILED_LARGEST = 1 << 23
"""Bytes of tables beyond which nothing is compiled to be measured: a million numbers take a second."""


def describe(artifact: Artifact) -> Iterator[str]:
    """Lines on flash and RAM, as the export measured them; what is not measured is called an estimate."""
    yield _size(artifact)
    record = artifact.manifest.get("provenance", {})
    bits, pruned = record.get("weight_bits") or {}, record.get("options", {}).get("prune")
    whole = stored_whole(artifact.graph)
    if min(bits.values(), default=WHOLE) < WHOLE:
        yield FEWER_BITS.format(prune=PRUNE_MORE if pruned else PRUNE_HALF if whole else PRUNE)
    if pruned and (names := [name for name, zeros in whole.items() if zeros]):
        more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
        yield STORED_WHOLE.format(names=", ".join([*names[:NAMED], *more]))


def _size(artifact: Artifact) -> str:
    """Measured now only where the export kept nothing."""
    kept, _ = kept_size(artifact)
    if {"flash", "RAM", MEASURED} <= kept.keys():
        how = kept[MEASURED].removesuffix(WITHOUT_LIBRARY)
        return f"flash: {kept['flash']}; RAM: {kept['RAM']} ({how})"
    tables, state = table_and_state_bytes(artifact.graph)
    try:
        flash, ram = _measured(artifact.graph, tables)
        return f"flash: {flash} bytes, of which {tables} tables; RAM: {ram} bytes of state ({_how()})"
    except (ExecutorError, InputError) as error:
        reason = str(error).splitlines()[0]
        return f"flash: {tables} bytes of tables, RAM: {state} bytes of state (estimates, no code: {reason})"


def occupied(artifact: Artifact) -> dict[str, str]:
    """Flash and RAM, also of a program that decodes, and how they were found: name -> text."""
    tables, state = table_and_state_bytes(artifact.graph)
    found = dict[str, str]()
    try:
        for name, macros in (("", ()), (f" with {SCORES}", (SCORES,))):
            try:
                flash, ram = _measured(artifact.graph, tables, *macros)
            except (ExecutorError, InputError) as error:
                if not found:
                    raise
                # a compiler for a device may lack the C library, which only the scores need
                found[f"flash{name}"] = f"not measured: {str(error).splitlines()[0]}"
                break
            found[f"flash{name}"] = f"{flash} bytes, of which {tables} tables"
            found[f"RAM{name}"] = f"{ram} bytes of state"
        return found | {MEASURED: f"{_how()}{WITHOUT_LIBRARY}"}
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
    """The compiler, and the processor that it says to compile for; `CC` may narrow that down."""
    made = f"compiled by {shell(*compiler.command(), *SIZE_FLAGS[1:-1])}"
    return f"{made} for {machine}" if (machine := compiler.machine()) else made


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
