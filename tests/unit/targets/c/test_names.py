"""Names of classes in the C program of a chain: they reach it in strings, and can bring no code."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import numpy as np
import pytest
from c_programs import STRICT, Programs
from golden import FORGET, artifact_of, case, layer

from snnc.errors import ExecutorError
from snnc.stages import Answer, QuantizedGraph
from snnc.targets.c.emitter import sources
from snnc.targets.c.executor import CExecutor, read_names
from snnc.targets.c.used import read_names as names_of_caller

pytestmark = pytest.mark.slow

HOSTILE = ('*/ int main(void) { system("x"); } /*', 'a"; \\', "日本 ??/ %s $x", "plain name")


def hostile() -> QuantizedGraph:
    """Line k leads to class k alone."""
    graph = case("names", [layer(np.eye(4, dtype=int).tolist(), dv=FORGET)], [[0, 0]] * 4, []).graph
    return graph.changed(class_names=HOSTILE)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    return Programs([hostile()], tmp_path_factory.mktemp("names"), STRICT)


def test_main_prints_the_name_of_the_class(program: Programs) -> None:
    """Sample k has an event of line k in both steps."""
    given = np.repeat(np.eye(4, dtype=np.uint8)[:, None], 2, axis=1).tobytes()
    assert program.call(0, "--classes", given=given).stdout == b"0\n1\n2\n3\n"
    assert program.call(0, "--names", given=given).stdout.decode() == "".join(f"{each}\n" for each in HOSTILE)


def test_no_name_reaches_the_source_as_it_is(program: Programs) -> None:
    for file in sources(hostile()).values():
        for word in ("*/ int", '"x"', "日本", "??/", "%s $", "$"):
            assert word.encode() not in file


def test_names_of_no_class_are_empty(program: Programs) -> None:
    (program.folder / "say.c").write_text(
        '#define SNN_NAMES\n#include <stdio.h>\n#include "0/snn.c"\n'
        "int main(void) { int i; for (i = -1; i < 5; i++) puts(snn_class_name(i)); return 0; }\n"
    )
    command = ["gcc", "-std=c99", "say.c", "-o", "say"]
    subprocess.run(command, cwd=program.folder, check=True, timeout=60)
    said = subprocess.run([program.folder / "say"], capture_output=True, check=True, timeout=60).stdout
    assert said.decode() == "\n".join(["", *HOSTILE, "", ""])


def test_a_device_holds_no_names_unless_it_asks_for_them() -> None:
    text = sources(hostile())["snn.c"].decode()
    names = text[text.index("#ifdef SNN_NAMES") :]
    assert names.count("#endif") == 1
    assert names.endswith("#endif\n")
    assert "plain name" not in text.removesuffix(names)


def test_the_executor_compares_them() -> None:
    graph = hostile()
    artifact = replace(artifact_of(graph), target="c", program=sources(graph))
    spikes = np.repeat(np.eye(4, dtype=np.uint8)[:, None], 2, axis=1)
    answers = {each.by: each for each in CExecutor().run(artifact, spikes).answers}
    assert answers["main.c --names"].said == HOSTILE
    assert answers["snn_class_name"].names == HOSTILE


@pytest.mark.parametrize("data", [b"a\n", b"a\nb\nc\n", b"a\nb"])
def test_a_name_for_each_sample(data: bytes) -> None:
    decoded = Answer("snn.c", classes=np.array([0, 1], np.int64))
    with pytest.raises(ExecutorError, match="expected one for each of 2"):
        read_names(data, decoded, 2)


def test_names_of_the_caller_are_hexadecimal() -> None:
    assert names_of_caller(" x61 xe697a5 x\n") == ("a", "日", "")
    with pytest.raises(ExecutorError, match="not in hexadecimal"):
        names_of_caller(" xz")
