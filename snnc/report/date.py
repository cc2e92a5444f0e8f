"""When a report was made."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime

from snnc.errors import InputError
from snnc.stages import Report
from snnc.text import quoted

FORM = "%Y-%m-%dT%H:%M:%SZ"
EPOCH = "SOURCE_DATE_EPOCH"
"""Seconds since 1970 that stand for now, in builds that must give equal bytes (reproducible-builds.org)."""


def dated(report: Report) -> Report:
    """`report` with the date of now in UTC, or of the variable `EPOCH` where it is set.

    Raises
    ------
    InputError
        If the variable is no number of seconds.
    """
    return replace(report, date=now())


def now() -> str:
    """As "2026-11-29T09:30:00Z"."""
    told = os.environ.get(EPOCH)
    if told is None:
        return datetime.now(UTC).strftime(FORM)
    if not re.fullmatch(r"\d{1,11}", told):
        raise InputError(f"{EPOCH} is {quoted(told)}, expected whole seconds since 1970; correct or unset it")
    return datetime.fromtimestamp(int(told), UTC).strftime(FORM)
