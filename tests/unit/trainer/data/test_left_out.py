"""Where some recordings lie otherwise than most, one refusal names all that is needed."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from snnc.errors import InputError
from snnc.trainer.data.folder import find_recordings

DAIRIES, PUMPS, KINDS = ("dairy1", "dairy2", "mill"), ("pump1", "pump2"), ("air", "hum")
CLASS_FIRST = [f"{kind}/{at}/{pump}/x{n}.wav" for kind, at, pump, n in product(KINDS, DAIRIES, PUMPS, "12")]
CLASS_LAST = [f"{at}/{pump}/{kind}/x{n}.wav" for kind, at, pump, n in product(KINDS, DAIRIES, PUMPS, "12")]
COPIES = [f"{at}_pump1_{kind}_1.wav" for kind, at in product(KINDS, DAIRIES)]


def refused(root: Path, names: list[str]) -> str:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    with pytest.raises(InputError) as raised:
        find_recordings(root)
    return str(raised.value.args[0])


@pytest.mark.parametrize(
    ("names", "copies", "pumps"),
    [
        (CLASS_FIRST, [f"flat/{each}" for each in COPIES], "{class}/{speaker}/{speaker}/{}"),
        (CLASS_LAST, [f"flat/{each}" for each in COPIES], "{speaker}/{speaker}/{class}/{}"),
        (CLASS_FIRST, COPIES, None),  # a note of these tells it, as without copies
    ],
)
def test_layouts_and_what_they_leave_out_are_named_at_once(
    tmp_path: Path, names: list[str], copies: list[str], pumps: str | None
) -> None:
    said = refused(tmp_path, [*names, *copies])
    assert "--skip" in said
    assert min(copies) in said
    layouts = re.findall(r'--layout "(.+?)"', said)
    assert pumps is None or pumps in layouts
    for layout in layouts:
        read = {each.name for each in find_recordings(tmp_path, layout, skip=True).recordings}
        assert read in ({*names}, {*names, *copies})
    last = find_recordings(tmp_path, layouts[-1], skip=True)
    assert {each.name for each in last.recordings} == {*names}


def test_what_fits_every_layout_is_not_left_out(tmp_path: Path) -> None:
    said = refused(tmp_path, CLASS_LAST)
    assert "names below tell air, hum" in said
    assert "--skip" not in said
