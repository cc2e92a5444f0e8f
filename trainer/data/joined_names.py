"""Classes and sources of a folder whose names hardly differ: one, or several, as the user says."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from snnc.errors import UnencodedError
from snnc.trainer.data.alike import most_frequent, of_alike
from snnc.trainer.data.layout import Layout
from snnc.trainer.data.recording import Recording
from snnc.trainer.data.usual_layout import in_order

JOIN, KEEP = "--join-names", "--keep-names"
SOURCES = "sources (field `speaker`)"
_MOST = "the name of most recordings (of equally many, the first in order)"
_REMEDY = f"if they are the same, {JOIN} gives them {_MOST}"


def joined(
    folder: Path, recordings: Sequence[Recording], join: bool | None
) -> tuple[list[Recording], list[str]]:
    """`recordings` of `folder` with one name for what is the same, if `join`, and notes on such names.

    Raises
    ------
    UnencodedError
        Names of classes hardly differ, and `join` is None: a network would tell them apart.
    """
    classes = in_order(each.label for each in recordings)
    sources = in_order(each.speaker for each in recordings if each.speaker is not None)
    if join:
        return _with_one_name(recordings), [
            *of_alike("joined: classes", classes, f"each has {_MOST}"),
            *of_alike(f"joined: {SOURCES}", sources, f"each has {_MOST}"),
        ]
    if join is None:
        for odd in of_alike("classes", classes, _REMEDY):
            raise UnencodedError(f"{folder}: {odd}, {KEEP} keeps them apart")
    remedy = () if join is False else (_REMEDY,)
    return list(recordings), [*of_alike("classes", classes), *of_alike(SOURCES, sources, *remedy)]


def _with_one_name(recordings: Sequence[Recording]) -> list[Recording]:
    label = most_frequent(each.label for each in recordings)
    source = most_frequent(each.speaker for each in recordings if each.speaker is not None)
    return [
        replace(each, label=label[each.label], speaker=each.speaker and source[each.speaker])
        for each in recordings
    ]


def join_options(names: Sequence[str], layout: str | None, join: bool | None) -> list[str]:
    """As the user said, else that classes are joined whose names hardly differ, of paths read by `layout`."""
    if join is not None:
        return [JOIN if join else KEEP]
    if layout is None:
        return []
    read = map(Layout(layout).parts, (name.rpartition(".")[0] for name in names))
    return [JOIN] if of_alike("", in_order(each[0] for each in read if each is not None)) else []
