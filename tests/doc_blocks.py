"""The blocks of code in all pages, and those that `docs/test_*blocks.py` run, by page and first line."""

from __future__ import annotations

from doc_pages import blocks

BLOCKS = blocks()


def of(page: str, first: str) -> str:
    (block,) = [block for block in BLOCKS if block.key == (page, first)]
    return block.text


SWEEP = ("ablation.md", 'base = "digits"')
SPEAKERS = ("ablation.md", "seeds = [0]")
EMBED = ("artifact.md", "import sys")
C = ("c.md", '#include "snn.h"')
FRAMES = (
    "c.md",
    "if (k / n < SNN_STEPS)                  /* what is later has no place in the network's sample */",
)
BYTES = ("c.md", "import numpy as np")
SIMULATE = ("simulator.md", "from snnc.decoding import softmax")
TRACE = ("traces.md", "import h5py, numpy as np")
EVENTS = ("data.md", "import numpy as np")
FOLDER = ("data.md", "from pathlib import Path")
CLASS_NAMES = ("data.md", "import h5py")
HDF5_FILES = ("data.md", "from glob import glob")
KEPT = ("data.md", "# leave out recordings without an event")
TABLES = ("data.md", "# tables/CLASS/*.csv: headings, then rows of a time and a line")
EQUATIONS = ("encoder.md", "import numpy as np")
QUIET = ("encoder.md", "from dataclasses import replace")
CONFORM = ("add_a_target.md", "from snnc.verification.conformance import Unsupported, conformance")
RUN_HERE = (
    SWEEP,
    SPEAKERS,
    EMBED,
    C,
    FRAMES,
    BYTES,
    SIMULATE,
    TRACE,
    EVENTS,
    FOLDER,
    CLASS_NAMES,
    HDF5_FILES,
    KEPT,
    TABLES,
    EQUATIONS,
    QUIET,
    CONFORM,
)
