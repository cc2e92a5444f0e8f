"""Where things lie in the repository."""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
DOCS, EXAMPLES = ROOT / "docs", ROOT / "examples"
SNNC = [sys.executable, "-c", "import sys; from snnc.cli import main; sys.exit(main(sys.argv[1:]))"]
"""The command line in a process of its own."""
