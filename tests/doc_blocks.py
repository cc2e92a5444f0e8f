"""The blocks of code in all pages, and those that `docs/test_blocks.py` runs, by page and first line."""

from __future__ import annotations

from doc_pages import blocks

BLOCKS = blocks()


def of(page: str, first: str) -> str:
    (block,) = [block for block in BLOCKS if block.key == (page, first)]
    return block.text


SWEEP = ("ablation.md", 'base = "digits"')
EMBED = ("artifact.md", "import sys")
C = ("c.md", '#include "snn.h"')
BYTES = ("c.md", "import numpy as np")
SIMULATE = ("simulator.md", "from snnc.decoding import softmax")
TRACE = ("traces.md", "import h5py, numpy as np")
EVENTS = ("data.md", "import numpy as np")
FOLDER = ("data.md", "from pathlib import Path")
CONFORM = ("add_a_target.md", "from snnc.verification.conformance import Unsupported, conformance")
RUN_HERE = (SWEEP, EMBED, C, BYTES, SIMULATE, TRACE, EVENTS, FOLDER, CONFORM)
