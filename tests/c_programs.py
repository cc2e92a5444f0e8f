"""Many emitted C programs in one executable: compiling is what takes time.

Each program is included whole, with a number at the end of every name that it defines. So what is tested is
the text that `snnc export` writes.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from golden import FORGET, case, layer, state

from snnc.stages import LayerTrace, QuantizedGraph
from snnc.targets.c.emitter import sources
from snnc.targets.c.executor import read_trace
from snnc.targets.c.graph import answers as graph_answers
from snnc.targets.c.graph.answers import Decoded
from snnc.targets.c.graph.executor import input_bytes

STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")
STRICTEST = (*STRICT, "-Wconversion", "-Wshadow", "-Wswitch-default", "-Wundef", "-Wstrict-prototypes")
"""What programs of graphs hold, too."""
CHECKED = (*STRICT, "-O0", "-fsanitize=undefined,address", "-fno-sanitize-recover=all")
"""Every access is there to be checked; compiling takes half the time of `SANITIZED`."""
SANITIZED = (*CHECKED, "-O1")
"""Optimised as well, for the warnings that gcc gives only then."""
FAST = ("-std=c99", "-O0")
STDIN, CALLED = "main.c from standard input, ", "snn_step, snn_readout and snn_class, "
"""How the answers of a chain name these uses of its program; the number of samples follows."""
MACROS = ("-DSNN_SCORES", "-DSNN_COUNT", "-DSNN_NAMES")

FAILS_ONCE = """
#include <stdio.h>
static size_t fails_once(const void *from, size_t size, size_t count, FILE *file)
{
    static int calls;
    return calls++ == CALL ? 0 : fwrite(from, size, count, file);
}
#define fwrite fails_once
"""
"""C to include before a program: its call number `CALL` of fwrite writes nothing."""


RING = case(
    # Delays 0 .. 3 from one line: four rows. Spikes in steps 0, 2, 3 and 7 of 10; weights 1, 2, 4, 8.
    # a[t] = x[t] + 2 x[t-1] + 4 x[t-2] + 8 x[t-3]:
    # 0: 1   1: 2   2: 4+1   3: 8+2+1   4: 4+2   5: 8+4   6: 8   7: 1   8: 2   9: 4
    "a ring of four rows is used more than once",
    [layer([[1], [2], [4], [8]], [[0], [1], [2], [3]], dv=FORGET, vth=0), layer([[1, 2, 4, 8]], dv=FORGET)],
    [[1, 0, 1, 1, 0, 0, 0, 1, 0, 0]],
    [
        state(
            u=[
                [64, 0, 64, 64, 0, 0, 0, 64, 0, 0],
                [0, 128, 0, 128, 128, 0, 0, 0, 128, 0],
                [0, 0, 256, 0, 256, 256, 0, 0, 0, 256],
                [0, 0, 0, 512, 0, 512, 512, 0, 0, 0],
            ],
            v=[[0] * 10] * 4,
            spikes=[
                [1, 0, 1, 1, 0, 0, 0, 1, 0, 0],
                [0, 1, 0, 1, 1, 0, 0, 0, 1, 0],
                [0, 0, 1, 0, 1, 1, 0, 0, 0, 1],
                [0, 0, 0, 1, 0, 1, 1, 0, 0, 0],
            ],
        ),
        state(
            u=[[64 * a for a in (1, 2, 5, 11, 6, 12, 8, 1, 2, 4)]],
            v=[[64 * a for a in (1, 2, 5, 11, 6, 12, 8, 1, 2, 4)]],
        ),
    ],
)
SPARSE = case(
    # Only neuron 19 has a synapse, from input 1, delay 2: in step 2, 3 << 6 = 192.
    "a sparse table",
    [layer([[0, 0]] * 19 + [[0, 3]], [[0, 0]] * 19 + [[0, 2]])],
    [[1, 1, 1], [1, 0, 0]],
    [state(u=[[0, 0, 0]] * 19 + [[0, 0, 192]], v=[[0, 0, 0]] * 19 + [[0, 0, 192]])],
)


def built_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    """The executor `c` does not optimise: half of the time of a small program, where it is not the point."""
    for module in ("executor", "graph.executor"):
        for flags in ("FLAGS", "DEVICE_FLAGS"):
            monkeypatch.setattr(f"snnc.targets.c.{module}.{flags}", FAST)


def compilers() -> list[str]:
    """gcc, and clang where there is one."""
    return [name for name in ("gcc", "clang") if shutil.which(name)]


class Programs:
    """The programs of `graphs` as one executable in `folder`; `written` [graph] replaces what is emitted.

    `macros` are those with which they are built.
    """

    def __init__(
        self,
        graphs: Sequence[QuantizedGraph],
        folder: Path,
        flags: Sequence[str] = SANITIZED,
        written: Sequence[dict[str, bytes]] | None = None,
        macros: Sequence[str] = MACROS,
    ) -> None:
        self.graphs, self.folder = graphs, folder
        folder.mkdir(exist_ok=True)
        parts = [f"#include <{name}.h>" for name in ("float", "math", "stdint", "stdio", "stdlib", "string")]
        for number, graph in enumerate(graphs):
            files = sources(graph) if written is None else written[number]
            for name, data in files.items():
                (folder / str(number)).mkdir(exist_ok=True)
                (folder / str(number) / name).write_bytes(data)
            text = b"".join(files.values()).decode()
            defined = re.findall(r"^#define (SNN_(?!SCORES|COUNT|NAMES)\w+)", text, re.M)
            names = re.findall(
                r"^(?:[a-z]\w* )+\*?(\w+)\(", text, re.M
            )  # functions, and then objects and types
            objects = r"^(?:static|const|extern) [^(;=]*?\w+(?:\[[^;=]*\])?(?:;| = )"
            for declared in re.findall(objects, text, re.M):
                names += re.findall(r"(\w+)(?:\[[^;=\]]*\])*(?:,|;| = )", declared)
            names = sorted({*names, "snn_state"})
            parts += [f"#define {name} {name}_{number}" for name in names]
            parts += [f'#include "{number}/{name}"' for name in ("snn.c", "main.c")]
            parts += [f"#undef {name}" for name in (*names, *defined)]
        calls = " ".join(f"case {n}: return main_{n}(argc - 1, argv + 1);" for n in range(len(graphs)))
        parts.append(
            f"int main(int argc, char **argv) {{ switch (atoi(argv[1])) {{ {calls} default: return 9; }} }}\n"
        )
        (folder / "all.c").write_text("\n".join(parts))
        command = ["gcc", *flags, *macros, "all.c", "-o", "all", "-lm"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr[:3000]

    def call(self, number: int, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run program `number` with the arguments `words` and `given` as standard input."""
        command = [str(self.folder / "all"), str(number), *words]
        return subprocess.run(command, input=given, capture_output=True, timeout=60, check=False)

    def trace(self, number: int, spikes: npt.NDArray[np.uint8]) -> tuple[LayerTrace, ...]:
        """Trace of program `number` on uint8 [samples, T, inputs]."""
        graph = self.graphs[number]
        if not graph.is_chain:
            return self.decoded(number, spikes)[0]
        return read_trace(self._traced(number, spikes.tobytes()), graph, len(spikes))[0]

    def decoded(
        self, number: int, spikes: npt.NDArray[np.uint8]
    ) -> tuple[tuple[LayerTrace, ...], tuple[Decoded, ...]]:
        """Trace of program `number`, of a graph that is no chain, and what it decodes by readout."""
        graph = self.graphs[number]
        traced = self._traced(number, input_bytes(graph, spikes))
        return graph_answers.read_trace(traced, graph, len(spikes))

    def _traced(self, number: int, given: bytes) -> bytes:
        done = self.call(number, "--trace", given=given)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout
