"""Uses of an exported C program that no trace of a few samples shows: a fault in each, as verify sees it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from answer_faults import text
from c_programs import CALLED, STDIN
from models import ON_GOLDEN, saved, tamper, tiny_model

from snnc.cli import main
from snnc.stages import Rung

pytestmark = pytest.mark.slow

LARGEST = "main.c, the largest event that it takes"
CHECK = "if (events[i] > payload_max)"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("c")
    assert main(["export", str(saved(tiny_model(), folder)), "--target", "c", "--no-budget"]) == 0
    return folder / "model.c"


@pytest.fixture
def artifact(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "model.c"))


def verified(artifact: Path) -> tuple[int, dict[str, Any]]:
    """Exit code, and the executor `c` in the report: on the eight golden inputs."""
    options = [*ON_GOLDEN, "--executors", "c", "--trust-program"]
    code = main(["verify", str(artifact), *options])
    report = json.loads((artifact / "report.json").read_text())
    (row,) = (row for row in report["executors"] if row["name"] == "c")
    return code, row


# file, what stands there, what is put in its place -> who answers wrongly, in what, and where
FAULTS: dict[str, tuple[str, str, str, str, str, str]] = {
    "from the 65th sample of a process on, nothing is reset": (
        "main.c",
        "        snn_reset(&state);",
        "        { static int n; if (n++ < 64) snn_reset(&state); }",
        f"{STDIN}samples 64 to 71 of a run",
        "v",
        "v of readout neuron",
    ),
    "a byte counts the samples": (
        "snn.c",
        "    unsigned char *byte = (unsigned char *)s;\n",
        "    unsigned char *byte = (unsigned char *)s;\n    static uint8_t n;\n"
        "    if (++n == 0)\n        return;\n",
        f"{STDIN}samples 248 to 255 of a run",
        "v",
        "v of readout neuron",
    ),
    "standard input is read without its first line": (
        "main.c",
        "            for (i = 0; i < SNN_INPUTS; i++)\n",
        "            events[0] = input == stdin ? 0 : events[0];\n"
        "            for (i = 0; i < SNN_INPUTS; i++)\n",
        f"{STDIN}264 samples",
        "v",
        "v of readout neuron",
    ),
    "a class is there after the last step alone": (
        "snn.c",
        "    int i, best = 0;\n",
        "    int i, best = 0;\n    double all = 0.5;\n\n    for (i = 0; i < SNN_CLASSES; i++)\n"
        "        all += s->score[i];\n    if (all < SNN_STEPS)\n        return 0;\n",
        f"{CALLED}72 samples",
        "class",
        "class after step",
    ),
    "before the last step the last of equal classes": (
        "snn.c",
        "s->score[i] > s->score[best]",
        "s->score[i] > s->score[best] || (s->score[i] == s->score[best] && s->score[i] < SNN_STEPS / 4)",
        f"{CALLED}72 samples",
        "class",
        "class after step 0",
    ),
    "two networks share a ring": (
        "snn.c",
        "    const uint32_t now = s->now[0];\n",
        "    static uint32_t at;\n    const uint32_t now = s->now[0] = s->now[0] == 0 ? 0 : at;\n",
        f"{CALLED}72 samples",
        "v",
        "v of readout neuron",
    ),
    "a readout of whichever network came last": (
        "snn.c",
        "    return s->v + SNN_NEURONS - SNN_CLASSES;\n",
        "    return (last ? last : s)->v + SNN_NEURONS - SNN_CLASSES;\n",
        f"{CALLED}72 samples",
        "v",
        "v of readout neuron",
    ),
    "a step of half a second": (
        "snn.h",
        "#define SNN_STEP_SECONDS 0x1.47ae147ae147bp-6",
        "#define SNN_STEP_SECONDS 0x1.0p-1",
        "snn.h",
        "fact",
        "bin_s of the network",
    ),
    "the names of two classes are exchanged": (
        "snn.c",
        "class_names[number] :",
        "class_names[number < 2 ? 1 - number : number] :",
        "snn_class_name",
        "name",
        "name of class ",
    ),
    "every class is printed as the first": (
        "main.c",
        "snn_class_name(snn_class(&state))",
        "snn_class_name(0)",
        "main.c --names",
        "name",
        "name of class ",
    ),
    "any event is taken": ("main.c", CHECK, "if (0)", LARGEST, "fact", "payload_max of the network"),
    "the last line takes any event": (
        "main.c",
        CHECK,
        f"{CHECK[:-1]} && i + 1 < SNN_INPUTS)",
        LARGEST,
        "fact",
        "payload_max of the network",
    ),
    "an event of one too many is taken": (
        "main.c",
        CHECK,
        f"{CHECK[:-1]} + 1)",
        LARGEST,
        "fact",
        "payload_max of the network",
    ),
    "events of any size, says the header": (
        "snn.h",
        "#define SNN_PAYLOAD_MAX 1 ",
        "#define SNN_PAYLOAD_MAX 255 ",
        "snn.h",
        "fact",
        "payload_max of the network",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_use_of_the_program_shows(fault: str, artifact: Path) -> None:
    file, old, new, by, kind, what = FAULTS[fault]
    tamper(artifact, file, text(old, new))
    if "last ?" in new:
        tamper(artifact, "snn.c", text("/* [8] */", "static const snn_state *last;\n"))
        tamper(artifact, "snn.c", text("    layer0(s, events);", "    last = s;\n    layer0(s, events);"))
    if "uint32_t at" in new:
        tamper(artifact, "snn.c", text("    s->now[0] = now + 1", "    s->now[0] = at = now + 1"))
    code, row = verified(artifact)
    assert (code, row["failed"], row["divergence"]) == (1, None, None)
    assert (row["answer"]["by"], row["answer"]["kind"]) == (by, kind)
    assert row["answer"]["what"].startswith(what)
    expected = {"fact": Rung.SHIFTED_SPIKES, "class": Rung.ACTIVITY, "name": Rung.ACTIVITY}.get(
        kind, Rung.CLASS
    )
    if "uint32_t at" in new:  # its classes are wrong as well
        expected = Rung.ACTIVITY
    assert row["rung"]["level"] == expected


def test_what_verify_says_that_it_ran(artifact: Path) -> None:
    code, row = verified(artifact)
    assert (code, row["failed"], row["answer"]) == (0, None, None)
    assert "main.c --names: classes, said" in row["answers"]
    assert row["answers"][-5:] == [
        "snn.h: facts",
        "snn_class_name: names",
        f"{LARGEST}: facts",
        f"{STDIN}264 samples: readout",
        f"{CALLED}72 samples: readout, scores so far, classes so far",
    ]
