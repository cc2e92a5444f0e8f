"""The file beside one that is not there, which may be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.io.near_files import near_file


@pytest.mark.parametrize(
    ("there", "given", "meant"),
    [
        (["h.c", "other.pt"], "h.C", " (did you mean 'h.c'?)"),
        (["h.c", "h.c.o", "other.pt"], "h", " (did you mean 'h.c'?)"),
        (["h.loihi"], "h", " (did you mean 'h.loihi'?)"),
        (["H.C"], "h", " (did you mean 'H.C'?)"),
        (["h.c", "h.loihi", "h.pt", "hh.c"], "H", " (did you mean 'h.c' or 'h.loihi' or 'h.pt'?)"),
        (["MODEL.PT"], "mode.pt", " (did you mean 'MODEL.PT'?)"),
        (["model.pt", "models"], "mode.pt", " (did you mean 'model.pt'?)"),
        ([".h.c", "a.c"], "h", ""),
        (["c.h"], "h", ""),
        ([], "h", ""),
    ],
)
def test_names_but_for_case_ending_or_a_slip(
    tmp_path: Path, there: list[str], given: str, meant: str
) -> None:
    for name in there:
        (tmp_path / name).mkdir() if name.endswith(".loihi") else (tmp_path / name).touch()
    assert near_file(tmp_path / given) == meant


def test_no_folder_to_look_in(tmp_path: Path) -> None:
    assert near_file(tmp_path / "gone" / "h") == ""
