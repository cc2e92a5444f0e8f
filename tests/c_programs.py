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

from snnc.stages import LayerTrace, QuantizedGraph
from snnc.targets.c.emitter import sources
from snnc.targets.c.executor import read_trace

STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")
SANITIZED = (*STRICT, "-O1", "-fsanitize=undefined,address", "-fno-sanitize-recover=all")
FAST = ("-std=c99", "-O0")
MACROS = ("-DSNN_SCORES", "-DSNN_COUNT")


def compilers() -> list[str]:
    """gcc, and clang where there is one."""
    return [name for name in ("gcc", "clang") if shutil.which(name)]


class Programs:
    """The programs of `graphs` as one executable in `folder`; `written` [graph] replaces what is emitted."""

    def __init__(
        self,
        graphs: Sequence[QuantizedGraph],
        folder: Path,
        flags: Sequence[str] = SANITIZED,
        written: Sequence[dict[str, bytes]] | None = None,
    ) -> None:
        self.graphs, self.folder = graphs, folder
        folder.mkdir(exist_ok=True)
        parts = [f"#include <{name}.h>" for name in ("math", "stdint", "stdio", "stdlib", "string")]
        for number, graph in enumerate(graphs):
            files = sources(graph) if written is None else written[number]
            for name, data in files.items():
                (folder / str(number)).mkdir(exist_ok=True)
                (folder / str(number) / name).write_bytes(data)
            text = b"".join(files.values()).decode()
            macros = re.findall(r"^#define (SNN_(?!SCORES|COUNT)\w+)", text, re.M)
            names = re.findall(
                r"^(?:[a-z]\w* )+\*?(\w+)\(", text, re.M
            )  # functions, and then objects and types
            names += re.findall(r"^(?:static|const|extern) [^(;=]*?(\w+)(?:\[[^;=]*\])?(?:;| = )", text, re.M)
            names = sorted({*names, "snn_state"})
            parts += [f"#define {name} {name}_{number}" for name in names]
            parts += [f'#include "{number}/{name}"' for name in ("snn.c", "main.c")]
            parts += [f"#undef {name}" for name in (*names, *macros)]
        calls = " ".join(f"case {n}: return main_{n}(argc - 1, argv + 1);" for n in range(len(graphs)))
        parts.append(
            f"int main(int argc, char **argv) {{ switch (atoi(argv[1])) {{ {calls} }} return 9; }}\n"
        )
        (folder / "all.c").write_text("\n".join(parts))
        command = ["gcc", *flags, *MACROS, "all.c", "-o", "all", "-lm"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr[:3000]

    def call(self, number: int, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run program `number` with the arguments `words` and `given` as standard input."""
        command = [str(self.folder / "all"), str(number), *words]
        return subprocess.run(command, input=given, capture_output=True, timeout=60, check=False)

    def trace(self, number: int, spikes: npt.NDArray[np.uint8]) -> tuple[LayerTrace, ...]:
        """Trace of program `number` on uint8 [samples, T, inputs]."""
        done = self.call(number, "--trace", given=spikes.tobytes())
        assert (done.returncode, done.stderr) == (0, b"")
        return read_trace(done.stdout, self.graphs[number], len(spikes))
