"""A folder may be one class of several: the folder above is named only where that can help."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from snnc.errors import InputError
from snnc.trainer.data.folder import find_recordings


def several(form: str, *parts: str) -> list[str]:
    """Names of all words of each part, and two takes."""
    return [f"{form.format(*each)}.wav" for each in product(*map(str.split, parts), "12")]


@pytest.mark.parametrize(
    ("names", "beside", "hinted"),
    [
        (["1.wav", "2.wav"], ["1.wav"], True),
        (several("{}_{}", "ann bo"), several("{}_{}", "ann cy"), True),  # who speaks each class, maybe
        (several("{}_{}", "ok worn"), ["take 1.wav"], False),
        (several("{}_{}_{}", "ok worn", "m1 m2"), ["1.wav"], False),
        (several("{}_{}_{}_{}", "hall yard", "x y", "air hum"), ["1.wav"], False),
    ],
    ids=["numbers", "shared words", "words", "words and sources", "parts"],
)
def test_where_names_tell_classes_no_folder_above_is_named(
    tmp_path: Path, names: list[str], beside: list[str], hinted: bool
) -> None:
    for name in (*(f"new/{each}" for each in names), *(f"other/{each}" for each in beside)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(InputError, match="so their class is not known") as caught:
        find_recordings(tmp_path / "new")
    assert ("name the folder above" in str(caught.value)) == hinted
