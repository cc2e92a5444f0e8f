"""What may import what. The rules stand in ARCHITECTURE.md."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

from snnc.exporter.passes import PASSES
from snnc.exporter.passes.base import Pass

FOLDERS = {"snnc": "snnc", **{name: f"snnc.{name}" for name in ("trainer", "exporter", "targets", "hwsim")}}

# Files that hold an executor's arithmetic.
ARITHMETIC = {
    "torch": {"trainer/integer_model.py"},
    "oracle": {"hwsim/oracle.py"},
    "hwsim": {
        f"hwsim/{name}.py"
        for name in (
            "event_driven",
            "layer_program",
            "kernels",
            "bit_kernel",
            "bit_lists",
            "bit_trains",
            "bit_transposition",
            "bit_vectors",
        )
    },
    "ring step": {"hwsim/ring_step.py"},
    "diagnosis": {str(p.relative_to(ROOT)) for p in (ROOT / "hwsim/diagnosis").glob("[a-z]*.py")},
    "lava": {
        str(p.relative_to(ROOT)) for p in (ROOT / "targets/loihi").rglob("*.py") if p.name != "__init__.py"
    },
    "onnx": {f"targets/onnx/{name}.py" for name in ("network", "synapses", "emitter", "executor", "target")},
    "c": {
        f"targets/c/{name}.py" for name in ("compiler", "emitter", "executor", "sizes", "tables", "target")
    },
}


def sources() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join([FOLDERS[parts[0]], *parts[1:]]).removesuffix(".__init__")


def imports(path: Path, *, top_level_only: bool) -> set[str]:
    """Modules that `path` imports, including what `from package import module` may name."""
    tree = ast.parse(path.read_text())
    nodes = _module_level(tree) if top_level_only else list(ast.walk(tree))
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _module_level(tree: ast.Module) -> list[ast.stmt]:
    """Statements that run on import, without `if TYPE_CHECKING:` blocks."""
    found, waiting = [], list(tree.body)
    while waiting:
        node = waiting.pop()
        found.append(node)
        if isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.unparse(node.test):
            waiting += node.body + node.orelse
        elif isinstance(node, ast.Try):
            waiting += node.body + node.orelse + node.finalbody
    return found


def test_arithmetic_files_exist():
    for files in ARITHMETIC.values():
        assert files
        for name in files:
            assert (ROOT / name).is_file()


@pytest.mark.parametrize("name", ARITHMETIC)
def test_no_executor_imports_anothers_arithmetic(name):
    others = {module_of(ROOT / f) for key, files in ARITHMETIC.items() if key != name for f in files}
    for file in ARITHMETIC[name]:
        assert not imports(ROOT / file, top_level_only=False) & others, file


def test_the_checker_of_ranges_shares_no_arithmetic_with_the_prover():
    prover, checker = (ROOT / f"exporter/{name}_ranges.py" for name in ("prove", "check"))
    arithmetic = {"snnc.formats", "snnc.exporter.prove_ranges", "snnc.exporter.rescale"}
    assert not imports(checker, top_level_only=False) & arithmetic
    assert module_of(checker) not in imports(prover, top_level_only=False)


def test_the_centre_imports_nothing_of_the_others_at_module_level():
    for path in (ROOT / "snnc").rglob("*.py"):
        for module in imports(path, top_level_only=True):
            assert not module.startswith(tuple(f"{FOLDERS[f]}." for f in FOLDERS if f != "snnc")), (
                path,
                module,
            )


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("trainer", ("snnc.exporter", "snnc.targets", "snnc.hwsim")),
        ("targets", ("snnc.exporter", "snnc.trainer", "snnc.hwsim")),
        ("hwsim", ("snnc.exporter", "snnc.trainer", "snnc.targets")),
        ("exporter", ("snnc.hwsim",)),
    ],
)
def test_data_flows_one_way(folder, forbidden):
    for path in (ROOT / folder).rglob("*.py"):
        for module in imports(path, top_level_only=False):
            assert not module.startswith(forbidden), (path, module)


def test_start_up_is_light():
    """`snnc --help` must not pay for torch, numba, plotly, pydantic, scipy or onnx."""
    code = "import sys, snnc.cli.app; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    heavy = {
        "torch",
        "numba",
        "plotly",
        "scipy",
        "h5py",
        "nir",
        "spikingjelly",
        "pydantic",
        "jinja2",
        "numpy",
        "onnx",
        "onnxruntime",
    }
    assert not heavy & set(loaded.stdout.split())


READ_ELSEWHERE = {
    "snnc/regular.py": "opens them",
    "snnc/cli/demo.py": "the model that the demo wrote",
    "snnc/report/html_report.py": "its own template",
    "targets/c/emitter.py": "its own source",
    "targets/c/executor.py": "what the program that it ran wrote in a private folder",
    "targets/c/used.py": "its own source",
    "targets/chips/target.py": "its own table",
    "targets/loihi/emitter.py": "its own program",
    "targets/loihi/environment.py": "its own lock",
    "targets/loihi/interpreter.py": "its own program",
    "targets/loihi/processes.py": "/proc",
    "targets/loihi/target.py": "its own tables",
    "trainer/config.py": "its own presets",
}


def test_files_of_users_are_read_in_one_way():
    """By `snnc.regular`: a FIFO in the place of a file must hang nobody."""
    for path in sources():
        name = str(path.relative_to(ROOT))
        if name in READ_ELSEWHERE or "/program/" in name:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("read_bytes", "read_text"), (name, node.lineno)
            elif isinstance(node, ast.Call):
                call = ast.unparse(node)
                assert not call.startswith("open(") or "os.devnull" in call, (name, node.lineno)
                assert not call.endswith(".open('rb')"), (name, node.lineno)


def test_no_file_writes_a_pickle_or_evaluates_data():
    for path in sources():
        names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
        assert not names & {"pickle", "eval", "exec"}, path


def test_executors_open_nothing_at_the_path_of_an_artifact():
    """Rule 5: they may name it. `artifact.path / x` and `artifact.path.read()` would reach into it."""

    def is_path(node):
        return (
            isinstance(node, ast.Attribute) and node.attr == "path" and ast.unparse(node.value) == "artifact"
        )

    for folder in ("targets", "hwsim", "trainer", "examples"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                inside = isinstance(node, ast.BinOp) and is_path(node.left)
                used = isinstance(node, ast.Call) and any(map(is_path, node.args))
                used |= isinstance(node, ast.Attribute) and is_path(node.value) and node.attr != "name"
                assert not inside, f"{path}: {ast.unparse(node)}"
                assert not used, f"{path}: {ast.unparse(node)}"


# --- passes


def names_of(kinds):
    return {kind.__name__ for kind in kinds}


def several_passes(source: str, names: set[str]) -> list[str]:
    """Where a file lists passes, or runs more than one by itself: a second pipeline."""
    found, calls = [], set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            inside = [one.id for one in node.elts if isinstance(one, ast.Name) and one.id in names]
            found += [f"line {node.lineno}: lists {inside}"] * (len(inside) > 1)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            calls.add(node.func.id)
    return found + [f"makes {sorted(calls)}"] * (len(calls) > 1)


def test_passes_is_the_only_list_of_passes():
    """What needs several passes runs a part of `PASSES`, so no copy can drift."""
    defined = {
        kind
        for path in (ROOT / "exporter/passes").glob("*.py")
        for kind in vars(importlib.import_module(module_of(path))).values()
        if isinstance(kind, type) and issubclass(kind, Pass) and kind is not Pass
    }
    assert defined == set(PASSES)
    assert len({kind.name for kind in PASSES}) == len(PASSES)
    for path in sources():
        if path != ROOT / "exporter/passes/__init__.py":
            assert not several_passes(path.read_text(), names_of(PASSES)), path
    assert several_passes("x = Prune((0.1,)).run(Quantise(s, b).run(g))", names_of(PASSES))
    assert several_passes("for kind in (Prune, WholeBias): pass", names_of(PASSES))


@pytest.mark.parametrize("kind", PASSES, ids=lambda kind: kind.name)
def test_a_pass_is_a_frozen_dataclass_in_a_file_of_its_own(kind):
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    assert kind.__module__ == f"snnc.exporter.passes.{kind.name}"


def called(function: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> set[str]:
    """Functions of its module that it reaches, and those of `snnc.quantisation` that it calls."""
    found, waiting = set(), [function]
    while waiting:
        for node in ast.walk(waiting.pop()):
            name = ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""
            if name.startswith("quantisation.") and name not in found:
                found.add(name)
            elif name in functions and name not in found:
                found.add(name)
                waiting.append(functions[name])
    return found


@pytest.mark.parametrize("kind", PASSES, ids=lambda kind: kind.name)
def test_the_check_of_a_pass_calls_nothing_that_the_pass_calls(kind):
    tree = ast.parse((ROOT / f"exporter/passes/{kind.name}.py").read_text())
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    (body,) = (
        node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == kind.__name__
    )
    methods = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    run, check = (called(methods[name], functions) for name in ("run", "check"))
    assert not run & check
    assert "self.run" not in ast.unparse(methods["check"])
