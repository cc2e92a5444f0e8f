"""Is what we would publish whole? Built, installed where nothing else is, it exports the same everywhere.

    pip install build
    python scripts/check_release.py python3.11 python3.13          # make release-check
    python scripts/check_release.py python3.11 --demo              # `snnc demo` too: minutes
    python scripts/check_release.py --installed /opt/env/bin/python python3.11

Every Python named gets an empty environment, and that the wheel: first without an extra, where what needs one
must say so, then with the extra `demo`; `--installed` is one that has all already, into which only the wheel
is put. In each the example network is exported in every way of `EXPORTS`, from an empty folder, and the bytes
are compared. On Linux pip's default torch brings CUDA (some 3 GB an environment); where pip is set up to find
a CPU build, it takes that. Exit code 1 if a check fails.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"snnc": "snnc", **{name: f"snnc/{name}" for name in ("trainer", "exporter", "targets", "hwsim")}}
"""Folder of the repository -> folder of the wheel."""
MODEL = ROOT / "examples" / "heidelberg" / "model.pt"
EXPORTS = {
    "loihi": ("--target", "loihi"),
    "onnx": ("--target", "onnx"),
    "c": ("--target", "c"),
    "bits": ("--weight-bits", "4", "--scale", "mse", "--prune", "0.2"),
    "netx": ("--whole-bias", "--nir-delays", "metadata"),
}
"""Name -> options of `snnc export`."""
MINUTES = 30
"""No step may take longer."""
RUN = "import sys; from snnc.cli import main; sys.exit(main(sys.argv[1:]))"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("python", nargs="*", help="interpreters for which an environment is made")
    parser.add_argument("--installed", action="append", default=[], metavar="PYTHON")
    parser.add_argument("--demo", action="store_true", help="run `snnc demo` in the first environment")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="snnc-release-") as folder:
        work = Path(folder)
        wheel, sdist = build(work / "dist")
        problems = content_problems(wheel, sdist) + bill_problems(wheel, work)
        made = []
        for n, python in enumerate(options.python):
            made.append(environment(python, work / f"env{n}", wheel))
            problems += plain(made[-1], work / f"plain{n}")
            run([made[-1], "-m", "pip", "install", "-q", f"{wheel}[demo]"])
        pythons = made + [reinstalled(python, wheel) for python in options.installed]
        found = {python: exports(python, work / f"exports{n}") for n, python in enumerate(pythons)}
        for python in pythons[1:]:
            problems += differences(found[pythons[0]], found[python], f"{python}: export")
        if options.demo and pythons:
            problems += demo(pythons[0], work / "demo")
    for problem in problems:
        print(f"FAILED: {problem}")
    print("failed" if problems else "the release is whole")
    return bool(problems)


def build(folder: Path) -> tuple[Path, Path]:
    """Wheel and sdist of the tree; the wheel is made from the unpacked sdist."""
    run([sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)])
    return next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))


def content_problems(wheel: Path, sdist: Path) -> list[str]:
    """What the wheel lacks of the tree, holds beyond it or changed; and what is not of the sdist."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        packed = {name: digest(archive.read(name)) for name in names}
    found = differences(tree(ROOT), packed, wheel.name)
    with tarfile.open(sdist) as archive:
        inner = [name.partition("/")[2] for name in archive.getnames()]
    allowed = (*FOLDERS, "snnc.egg-info")
    stray = [name for name in inner if "/" in name and name.split("/")[0] not in allowed]
    return found + [f"{sdist.name}: {name} does not belong there" for name in stray]


def bill_problems(wheel: Path, work: Path) -> list[str]:
    """What the SBOM and the licences lack of the wheel's requirements; and if made twice they differ."""
    made = []
    for folder in (work / "bill", work / "bill-again"):
        run([sys.executable, str(ROOT / "scripts" / "licences.py"), "--release", str(folder)])
        made.append({path.name: path.read_bytes() for path in folder.iterdir()})
    if made[0] != made[1]:
        return ["SBOM or licences: made twice, they differ"]
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(name))
    return unlisted(metadata, made[0])


def unlisted(metadata: Message, made: Mapping[str, bytes]) -> list[str]:
    """Requirements of the wheel, without extras, that the release's SBOM or licences do not name."""
    version = metadata["Version"]
    sbom, licences = f"snnc-{version}.cdx.json", f"snnc-{version}.licences.md"
    if missing := [name for name in (sbom, licences) if name not in made]:
        return [f"{name} is missing" for name in missing]
    listed = {part["name"] for part in json.loads(made[sbom])["components"]}
    needs = [Requirement(text) for text in metadata.get_all("Requires-Dist") or ()]
    found = []
    for need in needs:
        if need.marker is not None and not need.marker.evaluate({"extra": ""}):
            continue
        name = canonicalize_name(need.name)
        found += [] if name in listed else [f"{sbom}: {name} is missing"]
        found += [] if f"| {name} |".encode() in made[licences] else [f"{licences}: {name} is missing"]
    return found


def tree(root: Path) -> dict[str, str]:
    """Name in the wheel -> SHA-256 of every file that git knows below `FOLDERS`."""
    listed = run(["git", "-C", str(root), "ls-files", *FOLDERS]).splitlines()
    found = {}
    for name in listed:
        if (root / name).is_symlink():  # to a folder that is listed itself
            continue
        top, _, rest = name.partition("/")
        found[f"{FOLDERS[top]}/{rest}"] = digest((root / name).read_bytes())
    return found


def environment(python: str, folder: Path, wheel: Path) -> str:
    """The interpreter of a new environment that holds the wheel and what it depends on, without an extra."""
    run([python, "-m", "venv", str(folder)])
    made = folder / "bin" / "python"
    run([str(made), "-m", "pip", "install", "-q", str(wheel)])
    return str(made)


def plain(python: str, folder: Path) -> list[str]:
    """What is wrong without an extra: an export must work, and one that needs an extra name it."""
    folder.mkdir()
    shutil.copy(MODEL, folder / "model.pt")
    run([python, "-c", RUN, "export", "model.pt", "-t", "c", "-o", "model.c", "--no-budget"], folder)
    needs = [python, "-c", RUN, "export", "model.pt", "-t", "onnx", "-o", "model.onnx"]
    refused = subprocess.run(
        needs, cwd=folder, env=clean(), capture_output=True, text=True, timeout=60 * MINUTES
    )
    said = refused.stderr.strip()
    named = refused.returncode == 2 and said.endswith("install it: pip install 'snnc[onnx]'")
    return [] if named else [f"{python}: without an extra, an export to onnx said: {said[-400:]}"]


def reinstalled(python: str, wheel: Path) -> str:
    """`python`, into whose environment only the wheel was put."""
    run([python, "-m", "pip", "install", "-q", "--no-deps", "--force-reinstall", str(wheel)])
    return python


def exports(python: str, folder: Path) -> dict[str, str]:
    """Name -> SHA-256 of all files that the exports in `folder` wrote."""
    folder.mkdir()
    shutil.copy(MODEL, folder / "model.pt")
    for name, options in EXPORTS.items():
        run([python, "-c", RUN, "export", "model.pt", "-o", name, *options], folder)
    return {
        path.relative_to(folder).as_posix(): digest(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def demo(python: str, folder: Path) -> list[str]:
    """Train, export and verify from the wheel, in a folder that holds nothing."""
    folder.mkdir()
    said = run([python, "-c", RUN, "demo"], folder)
    print(said)
    whole = (folder / "demo" / "model.loihi" / "report.html").is_file() and "+ BIT-EXACT " in said
    return [] if whole else [f"{python}: snnc demo did not end with a bit-exact report"]


def differences(expected: Mapping[str, str], found: Mapping[str, str], where: str) -> list[str]:
    """A line for each name that only one of two listings has, or that has another hash."""
    changed = {
        name: "is missing" if name not in found else "is new" if name not in expected else "differs"
        for name in {*expected, *found}
        if expected.get(name) != found.get(name)
    }
    return [f"{where}: {name} {how}" for name, how in sorted(changed.items())]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def clean() -> dict[str, str]:
    """The environment without the paths of whoever calls."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


def run(command: Sequence[str], folder: Path | None = None) -> str:
    """What `command` printed, started without the paths of whoever calls. Ends the program if it fails."""
    print("$", *command, flush=True)
    try:
        done = subprocess.run(
            command, cwd=folder, env=clean(), capture_output=True, text=True, timeout=60 * MINUTES
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        sys.exit(f"FAILED: {error}")
    if done.returncode:
        sys.exit(f"FAILED with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
