"""The most memory that a command holds."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import re, sys
from pathlib import Path
if sys.argv[1:]:
    from snnc.cli import main
    assert main(sys.argv[1:]) == 0
else:
    import torch
# Not getrusage: after a fork its peak is that of the parent, too.
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024, file=sys.stderr)
"""


def peak(*arguments: object) -> int:
    """MiB that `snnc ARGUMENTS`, which must succeed, holds at most; without any, what torch alone takes."""
    command = [sys.executable, "-c", CODE, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return int(done.stderr.split()[-1])
