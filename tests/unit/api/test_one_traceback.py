"""What a plain script shows of a refusal: one traceback, unless an inner one leads to the user's own code."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

REFUSED = {
    "a damaged model": ("snnc.load('junk.pt')", "junk.pt: not a model file: it is text; name another file"),
    "a folder that is none of ours": ("snnc.load('.')", "has no manifest.json"),
    "damaged recordings": ("snnc.load_data('junk.npz')", "junk.npz: not a readable .npz archive"),
    "events of no array": (
        "snnc.from_events([torch.zeros(3).to_sparse()], [[0]], [0], tick_s=1.0)",
        "times[0]: is no array",
    ),
    "the name of a class": (
        "snnc.from_events([[0.1]], [[0]], ['a\\n'], tick_s=1.0)",
        "class 0 has the name 'a\\n'",
    ),
    "an example of another size": (
        "snnc.from_torch(nn.Linear(3, 2), torch.zeros(9, 1, 7), dt=1e-3)",
        "the module fails on the example, [9, 1, 7]: RuntimeError",
    ),
    "no example": (
        "snnc.from_torch(nn.Linear(3, 2), None, dt=1e-3)",
        "the example is None, expected a tensor",
    ),
    "no place": ("net.export('c', '/proc/x')", "/proc/x: cannot be written"),
    "a setting": ("net.export('fpga:lanes=3', 'made.fpga')", "InputError: lanes='3': give 2, 4"),
    "values that are no events": (
        "exported.verify(0.5 + 0 * x)",
        "holds 0.5 (a fraction), this network takes 0 and 1",
    ),
    "data that are missing": ("exported.verify(data='none.npz')", "none.npz: no such file"),
    "data that are damaged": ("exported.verify(data='junk.npz')", "junk.npz: not a readable .npz archive"),
}
SCRIPT = """\
import pathlib, traceback, warnings
import torch
from torch import nn
import snnc

warnings.simplefilter("ignore")
pathlib.Path("junk.pt").write_bytes(b"junk")
pathlib.Path("junk.npz").write_bytes(b"junk")
x = torch.zeros(4, 2, 3)
net = snnc.from_torch(nn.Linear(3, 2), torch.ones(4, 2, 3), dt=1e-3, verbose=False)
exported = net.export("c", "made")


class Mine(nn.Module):
    def forward(self, x):
        return self.lookup(x)

    def lookup(self, x):
        return {}["weights"]


def of_a_module():
    snnc.from_torch(Mine(), torch.ones(4, 2, 3), dt=1e-3)


def meanwhile():
    try:
        {}["a"]
    except KeyError:
        snnc.load("junk.pt")


def shown(call):
    try:
        call()
    except snnc.SnncError:
        pathlib.Path("shown.txt").open("a").write(traceback.format_exc() + "@")


"""
OWN = ("of_a_module()", "meanwhile()")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Call -> what Python prints of its refusal, in one script, since torch takes seconds to load."""
    folder = tmp_path_factory.mktemp("script")
    calls = [*(call for call, _ in REFUSED.values()), *OWN]
    (folder / "script.py").write_text(SCRIPT + "\n".join(f"shown(lambda: {call})" for call in calls))
    subprocess.run([sys.executable, "script.py"], cwd=folder, check=True, timeout=600)
    return dict(zip(calls, (folder / "shown.txt").read_text().split("@"), strict=False))


@pytest.mark.parametrize(("call", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_is_one_traceback(call: str, said: str, shown: dict[str, str]) -> None:
    assert said in shown[call].rpartition("snnc.errors.")[2]
    assert shown[call].count("Traceback (most recent call last)") == 1


def test_the_line_of_a_module_that_fails_is_shown(shown: dict[str, str]) -> None:
    inner, between, outer = shown["of_a_module()"].partition("The above exception was the direct cause")
    assert between
    assert ", in lookup\n" in inner
    assert "the module fails on the example, [4, 2, 3]: KeyError: 'weights'" in outer
    assert "Traceback" not in outer.partition("Traceback")[2]


def test_an_error_that_the_caller_handles_meanwhile_is_kept(shown: dict[str, str]) -> None:
    inner, _, outer = shown["meanwhile()"].partition("During handling of the above exception")
    assert "KeyError: 'a'" in inner
    assert "\nsnnc.errors.ModelFileError: junk.pt: not a model file" in outer
