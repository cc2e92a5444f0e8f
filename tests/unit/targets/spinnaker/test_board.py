"""The script in sPyNNaker, which places and routes for a board that is not there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from models import saved, tiny_model
from places import DOCS

from snnc.cli import main
from snnc.targets.locked import find_uv

CONFIGURATION = "[Machine]\nmachineName = None\nversion = 5\nvirtual_board = True\n"


@pytest.mark.outside
@pytest.mark.slow
def test_the_commands_of_the_docs_place_a_network(tmp_path: Path) -> None:
    commands = re.search(r"^    uv venv .*\n(?:    .*\n)+", (DOCS / "spinnaker.md").read_text(), re.MULTILINE)
    assert commands is not None
    net = tmp_path / "net"
    model = saved(tiny_model(), tmp_path)
    assert main(["export", str(model), "--target", "spinnaker", "--no-budget", "-o", str(net)]) == 0
    with np.load(net / "golden.npz") as golden:
        np.savez(net / "spikes.npz", spikes=golden["spikes"][:1])
    (tmp_path / ".spynnaker.cfg").write_text(CONFIGURATION)
    uv = Path(find_uv() or "uv").parent
    env = os.environ | {"HOME": str(tmp_path), "PATH": f"{uv}:{os.environ['PATH']}"}
    env |= {"UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache/uv"))}
    done = subprocess.run(["sh", "-ec", commands[0]], cwd=net, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert re.search(r"placed and routed in .* s; nothing was run on a board", done.stdout + done.stderr)
