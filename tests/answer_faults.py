"""A fault in what a program answers beside its states: how it is put in, and what `verify` says of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import onnx
from models import ON_GOLDEN
from report_page import Page

from snnc.cli import main
from snnc.report.json_report import from_json
from snnc.stages import AnswerDifference, Rung


def found(artifact: Path, executor: str) -> AnswerDifference:
    """What verify says of the only difference, which is none of states."""
    command = ["verify", str(artifact), *ON_GOLDEN, "--executors", executor]
    assert main([*command, "--trust-program", "--junit", str(artifact.parent / "j.xml")]) == 1
    report = from_json((artifact / "report.json").read_text())
    (result,) = report.compared
    assert result.divergence is None
    assert result.answer is not None
    assert not report.trusted
    assert report.rung in (Rung.ACTIVITY, Rung.CLASS)
    page = Page((artifact / "report.html").read_text())
    assert f"{result.answer.by}" in page.text
    assert "Can I deploy? No" in " ".join(page.text.split())
    junit = ElementTree.parse(artifact.parent / "j.xml").getroot()
    (failure,) = junit.iter("failure")
    assert result.answer.what in (failure.text or "")
    return result.answer


def text(old: str, new: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        assert old.encode() in data
        return data.replace(old.encode(), new.encode())

    return change


def npz(data: bytes, **changed: Any) -> bytes:
    """The npz file `data` with other arrays under the names of `changed`."""
    with np.load(io.BytesIO(data)) as archive:
        arrays = {name: archive[name] for name in archive.files} | changed
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def node(model: onnx.ModelProto, name: str) -> onnx.NodeProto:
    return next(each for each in model.graph.node if each.name == name)
