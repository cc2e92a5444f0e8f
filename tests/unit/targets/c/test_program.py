"""The C files by themselves: each build of main.c, a user in C++, and the calling program on a full disk."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from c_programs import FAILS_ONCE, STRICT
from golden import GOLDEN, case, layer
from places import ROOT

from snnc.targets.c import compiler
from snnc.targets.c.emitter import sources

pytestmark = pytest.mark.slow


def run(folder: Path, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(words, cwd=folder, input=given, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "macros",
    [
        (),
        ("-DSNN_COUNT",),
        ("-DSNN_NAMES",),
        ("-DSNN_SCORES",),
        ("-DSNN_SCORES", "-DSNN_COUNT"),
        ("-DSNN_SCORES", "-DSNN_NAMES"),
    ],
)
def test_every_build_of_main_c_in_each_of_its_ways(macros: tuple[str, ...], tmp_path: Path) -> None:
    """The vector of two samples, worked out by hand: from stdin and a file, to stdout and a file."""
    one = next(each for each in GOLDEN if each.name == "nothing of one sample reaches the next")
    for name, data in sources(one.graph).items():
        (tmp_path / name).write_bytes(data)
    command = ["gcc", *STRICT, "-Os", *macros, "snn.c", "main.c", "-o", "snn", "-lm"]
    assert run(tmp_path, *command).returncode == 0
    expected, given = one.layers[-1].v.astype("<i4").tobytes(), one.input.tobytes()
    (tmp_path / "in").write_bytes(given)
    for words, stdin in ((["./snn"], given), (["./snn", "in"], b"")):
        done = run(tmp_path, *words, given=stdin)
        assert (done.returncode, done.stdout, done.stderr) == (0, expected, b"")
    done = run(tmp_path, "./snn", "in", "out")
    assert (done.returncode, done.stdout, (tmp_path / "out").read_bytes()) == (0, b"", expected)
    done = run(tmp_path, "./snn", "--classes", "in")
    if "-DSNN_SCORES" in macros:
        assert (done.returncode, done.stdout.split()) == (0, [b"0"] * len(one.input))  # of one class
    else:
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"compile snn.c and main.c with -DSNN_SCORES" in done.stderr
    done = run(tmp_path, "./snn", "--names", "in")
    if {"-DSNN_SCORES", "-DSNN_NAMES"} <= {*macros}:
        (name,) = one.graph.class_names
        assert (done.returncode, done.stdout.decode()) == (0, f"{name}\n" * len(one.input))
    else:
        lacks = b"-DSNN_NAMES" if "-DSNN_SCORES" in macros else b"-DSNN_SCORES"
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.rstrip().endswith(b"compile snn.c and main.c with " + lacks)


@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")
def test_the_header_serves_a_program_in_cpp(tmp_path: Path) -> None:
    """snn.c compiled as C, its user as C++; weight 3 gives v = 3 << 6 in each of two steps."""
    graph = case("cpp", [layer([[3]], dv=4096)], [[1, 1]], []).graph
    for name, data in sources(graph).items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "user.cpp").write_text(
        '#include "snn.h"\n#include <cstdio>\nstatic snn_state state;\nint main() {\n'
        "    const uint8_t events[SNN_INPUTS] = {1};\n    snn_reset(&state);\n"
        "    for (int t = 0; t < SNN_STEPS; t++) {\n        snn_step(&state, events);\n"
        '        std::printf("%ld %d\\n", long(snn_readout(&state)[0]), snn_class(&state));\n    }\n}\n'
    )
    for command in (
        ["gcc", *STRICT, "-DSNN_SCORES", "-c", "snn.c"],
        ["g++", "-Wall", "-Wextra", "-Werror", "-DSNN_SCORES", "user.cpp", "snn.o", "-o", "user", "-lm"],
    ):
        assert run(tmp_path, *command).returncode == 0
    assert run(tmp_path, "./user").stdout.split() == [b"192", b"0", b"192", b"0"]


@pytest.mark.parametrize("call", range(3))
def test_the_calling_program_says_when_it_cannot_write(tmp_path, call):
    graph = GOLDEN[0].graph
    for name, data in sources(graph).items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "fails.h").write_text(FAILS_ONCE)
    source = str(ROOT / "targets/c/caller.c")
    command = [
        *compiler.command(),
        "-std=c99",
        "-DSNN_SCORES",
        "-DSNN_NAMES",
        f"-DCALL={call}",
        "-I.",
        "-include",
        "fails.h",
    ]
    subprocess.run([*command, source, "snn.c", "-o", "caller", "-lm"], cwd=tmp_path, check=True)
    (tmp_path / "input").write_bytes(bytes(graph.time_steps * graph.inputs))
    done = subprocess.run([tmp_path / "caller", "input", "output"], cwd=tmp_path, check=False)
    assert done.returncode == 1
