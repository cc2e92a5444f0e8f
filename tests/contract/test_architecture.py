"""What may import what. The rules stand in ARCHITECTURE.md."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys

import pytest
from imports import imports, nodes, sources
from places import ROOT

from snnc.plugins.executors import EXECUTORS

TIERS = (
    {"foundation"},
    {"io"},
    {"plugins"},
    {"trainer", "targets", "hwsim"},
    {"exporter"},
    {"conversion"},
    {"verification"},
    {"report"},
    {"api", "cli"},
)
"""Rooms from the bottom up. A module imports of its own room, and of the rooms of lower tiers."""
TIER = {room: tier for tier, rooms in enumerate(TIERS) for room in rooms}


def below(folder: str) -> set[str]:
    """All modules in a folder."""
    return {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("[a-z]*.py")}


# Files that hold an executor's arithmetic.
ARITHMETIC = {
    "torch": {
        f"trainer/integer_{part}.py" for part in ("executor", "model", "population", "projection", "schedule")
    },
    "oracle": {"hwsim/oracle.py"},
    "hwsim": {
        f"hwsim/{name}.py"
        for name in (
            "event_driven",
            "schedule",
            "delivery",
            "layer_program",
            "group_program",
            "group_kernel",
            "spikes",
            "totals",
            "kernels",
            "bit_kernel",
            "bit_lists",
            "bit_trains",
            "bit_transposition",
            "bit_vectors",
        )
    },
    "ring step": {"hwsim/ring_step.py"},
    "diagnosis": below("snnc/verification/diagnosis"),
    "lava": below("targets/loihi"),
    "onnx": below("targets/onnx"),
    "c": below("targets/c"),
    "rtl": below("targets/fpga"),
    # The target itself has the files of both: those of PyNN's simulators, and those for a board.
    "pynn": below("targets/spinnaker") - below("targets/spinnaker/fixed") - {"targets/spinnaker/target.py"},
    "spinnaker-fixed": below("targets/spinnaker/fixed"),
}


MODULES = sources()


def room_of(module: str) -> str:
    """What lies in `snnc/` itself, and the stages, are the foundation; the package shows what `api` has."""
    if module == "snnc":
        return "api"
    name = [*module.split("."), ""][1]
    return name if name in TIER else "foundation"


def upward(edges: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Imports from a room into one that is no lower."""
    return [
        (module, other)
        for module, others in edges.items()
        for other in others
        if room_of(module) != room_of(other) and TIER[room_of(other)] >= TIER[room_of(module)]
    ]


def cycle(edges: dict[str, set[str]]) -> list[str]:
    """The modules of one cycle of imports, or none."""
    try:
        graphlib.TopologicalSorter(edges).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_imports_go_down_at_every_depth():
    """So none of a lower room reaches a higher one on any way."""
    edges = imports(MODULES)
    assert len(edges) > 300
    assert {room_of(module) for module in edges} == set(TIER)
    wrong = [f"{module} imports {other}" for module, other in upward(edges)]
    assert not wrong, "a room imports only itself and rooms above it in the table of ARCHITECTURE.md"


def test_no_import_goes_round():
    assert not cycle(imports(MODULES))


@pytest.mark.parametrize(
    ("module", "planted", "into"),
    [
        ("snnc.errors", "def f():\n    from snnc.trainer.config import TrainConfig\n", "trainer"),
        ("snnc.stages.quantized", "import snnc.io.files\n", "io"),
        ("snnc.hwsim.oracle", "def f():\n    def g():\n        import snnc.trainer.lif\n", "trainer"),
        (
            "snnc.exporter.relay",
            "if TYPE_CHECKING:\n    from snnc.verification import compare\n",
            "verification",
        ),
        (
            "snnc.verification.verify",
            "try:\n    from snnc.report import verdict\nexcept ImportError:\n    pass\n",
            "report",
        ),
    ],
)
def test_an_upward_import_is_seen(module, planted, into):
    edges = imports(MODULES | {module: MODULES[module] + "\n" + planted})
    assert {(found, room_of(other)) for found, other in upward(edges)} == {(module, into)}


def test_a_cycle_through_a_package_is_seen():
    """Python runs the package before the module in it."""
    module = "snnc.exporter.calibration"
    planted = MODULES[module] + "\nfrom snnc.exporter.passes.promises import equal\n"
    assert module in cycle(imports(MODULES | {module: planted}))


def test_a_cycle_is_seen():
    planted = MODULES["snnc.text"] + "\ndef f():\n    from snnc.errors import SnncError\n"
    assert set(cycle(imports(MODULES | {"snnc.text": planted}))) == {"snnc.text", "snnc.errors"}


LATE = {"snnc.plugins.executors", "snnc.targets.registry"}
"""The tables of what is bound by name."""


def test_late_binding_is_by_the_two_tables():
    names_an_object = re.compile(r"snnc(\.\w+)+:\w+")
    for module, text in MODULES.items():
        if module == "snnc.io.forks":  # a program; who starts it says by name what it imports
            continue
        called = {ast.unparse(node.func) for node in nodes(text) if isinstance(node, ast.Call)}
        assert not called & {"__import__", "import_module", "importlib.import_module"}, module
        if module in LATE:
            continue
        for node in nodes(text):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not names_an_object.fullmatch(node.value), (module, node.value)


def test_arithmetic_files_exist():
    for files in ARITHMETIC.values():
        assert files
        for name in files:
            assert (ROOT / name).is_file()


def test_every_executor_names_its_arithmetic():
    files = {module_of(file) for names in ARITHMETIC.values() for file in names}
    unnamed = {where.partition(":")[0] for where in EXECUTORS.values()} - files
    assert not unnamed, "an executor's files stand in ARITHMETIC above, those with its arithmetic and its own"


@pytest.mark.parametrize("name", ARITHMETIC)
def test_no_executor_imports_anothers_arithmetic(name):
    edges = imports(MODULES)
    others = {module_of(f) for key, files in ARITHMETIC.items() if key != name for f in files}
    for file in ARITHMETIC[name]:
        taken = edges[module_of(file)] & others
        assert not taken, f"{file}: an executor computes by itself; share data, or write it again"


def test_the_checker_of_ranges_shares_no_arithmetic_with_the_prover():
    edges = imports(MODULES)
    proof = {module for module in MODULES if module.startswith("snnc.exporter.ranges.")}
    proof.remove("snnc.exporter.ranges.certificate")
    checker = {module for module in proof if module.startswith("snnc.exporter.ranges.check")}
    prover = proof - checker | {"snnc.exporter.rescale"}
    assert (len(prover), len(checker)) == (7, 5), "count a new file here, on the side that it belongs to"
    for module in checker:
        assert not edges[module] & (prover | {"snnc.formats"}), module
    assert not any(checker & edges[module] for module in prover)


def module_of(file: str) -> str:
    name = file.removesuffix(".py").replace("/", ".")
    return name if name.startswith("snnc.") else f"snnc.{name}"


def test_start_up_is_light():
    """`snnc --help` must not pay for torch, numba, plotly, pydantic, scipy or onnx."""
    code = "import sys, snnc.cli.app; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    heavy = {"torch", "numba", "numpy", "scipy", "plotly", "h5py", "nir", "spikingjelly"}
    heavy |= {"pydantic", "jinja2", "onnx", "onnxruntime"}
    found = heavy & set(loaded.stdout.split())
    assert not found, "import it in the function that needs it, or for types under TYPE_CHECKING"


def test_who_inspects_an_artifact_runs_nothing_of_it():
    """What its Makefile built may lie beside it then."""
    running = {name for name, others in imports(MODULES).items() if "snnc.plugins.executors" in others}
    assert not {name for name in running if "inspect_artifact(" in MODULES[name]}, "use read_artifact"


READ_ELSEWHERE = {
    "snnc.cli.demo": "the model that the demo wrote",
    "snnc.report.templates": "its own template",
    "snnc.targets.c.emitter": "its own source",
    "snnc.targets.c.graph.emitter": "its own source",
    "snnc.targets.c.graph.executor": "what the program that it ran wrote in a private folder",
    "snnc.targets.c.graph.used": "its own source",
    "snnc.targets.c.executor": "what the program that it ran wrote in a private folder",
    "snnc.targets.c.used": "its own source",
    "snnc.targets.chips.target": "its own table",
    "snnc.targets.fpga.absorb": "what yosys wrote in a private folder",
    "snnc.targets.fpga.emitter": "its own source",
    "snnc.targets.fpga.host.check": "a script of an artifact, which runs without snnc",
    "snnc.targets.fpga.host.host": "the same",
    "snnc.targets.fpga.host.model": "the same",
    "snnc.targets.fpga.host_files": "its own source",
    "snnc.targets.fpga.link": "its own source",
    "snnc.targets.fpga.place": "what the programs that it ran wrote in a private folder",
    "snnc.targets.fpga.simulation": "what the program that it ran wrote in a private folder",
    "snnc.targets.loihi.emitter": "its own program",
    "snnc.targets.loihi.environment": "its own lock",
    "snnc.targets.loihi.graph_emitter": "its own program",
    "snnc.targets.loihi.target": "its own tables",
    "snnc.targets.processes": "/proc",
    "snnc.targets.spinnaker.emitter": "its own program",
    "snnc.targets.spinnaker.environment": "its own lock",
    "snnc.targets.spinnaker.target": "the table of the chips",
    "snnc.trainer.config": "its own presets",
}


def test_files_of_users_are_read_in_one_way():
    """By `snnc.io.regular`: a FIFO in the place of a file must hang nobody."""
    reading = {name for name, text in MODULES.items() if ".program." not in name and reads(text)}
    new = reading - set(READ_ELSEWHERE)
    assert not new, "read by `snnc.io.regular`; or, what no user gives, with what it is in READ_ELSEWHERE"
    assert not set(READ_ELSEWHERE) - reading, "these read nothing any more; take them out of READ_ELSEWHERE"


def reads(text: str) -> bool:
    """Whether a module opens a file for reading by itself."""
    for node in nodes(text):
        if isinstance(node, ast.Attribute) and node.attr in ("read_bytes", "read_text"):
            return True
        if isinstance(node, ast.Call) and "open" in vars(node.func).values():  # by name or by attribute
            call = ast.unparse(node)
            if (call.startswith("open(") and "os.devnull" not in call) or call.endswith(".open('rb')"):
                return True
    return False


def test_no_file_writes_a_pickle_or_evaluates_data():
    for module, text in MODULES.items():
        names = {node.id for node in nodes(text) if isinstance(node, ast.Name)}
        assert not names & {"pickle", "eval", "exec"}, module


def test_executors_open_nothing_at_the_path_of_an_artifact():
    """Rule 5: they may name it. `artifact.path / x` and `artifact.path.read()` would reach into it."""

    def is_path(node):
        return (
            isinstance(node, ast.Attribute) and node.attr == "path" and ast.unparse(node.value) == "artifact"
        )

    for folder in ("targets", "hwsim", "trainer", "examples"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in nodes(path.read_text()):
                inside = isinstance(node, ast.BinOp) and is_path(node.left)
                used = isinstance(node, ast.Call) and any(map(is_path, node.args))
                used |= isinstance(node, ast.Attribute) and is_path(node.value) and node.attr != "name"
                assert not inside, f"{path}: {ast.unparse(node)}"
                assert not used, f"{path}: {ast.unparse(node)}"
