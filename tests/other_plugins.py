"""What other distributions bring, and what fails in it."""

from __future__ import annotations

import sys
from collections.abc import Callable

from models import ON_GOLDEN

from snnc.hwsim.oracle import OracleExecutor

Install = Callable[..., None]


class Another(OracleExecutor):
    name = "another"


def fails() -> None:
    raise RuntimeError("no licence\nwas found")


def exits() -> None:
    sys.exit(0)


BY_THE_ORACLE = (*ON_GOLDEN, "--executors", "oracle")
