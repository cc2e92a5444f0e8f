"""Sources of one name in several folders of which a layout says nothing, as lift1 in each building."""

from collections.abc import Iterable

from snnc.trainer.data.days import is_day
from snnc.trainer.data.layout import ANY, SPEAKER
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.usual_layout import are_parts, in_order, tops_of


def of_several_folders(layout: str, recordings: Iterable[tuple[str, str | None]]) -> list[str]:
    """A note that sources are taken for one, if they may be several; `recordings`: paths and sources."""
    first, *rest = layout.split("/")
    if first != ANY or SPEAKER not in rest[:-1]:
        return []
    folders: dict[str, list[str]] = {}
    for path, source in recordings:
        folders.setdefault(source or "", []).append(path)
    several = {source: tops_of(paths) for source, paths in folders.items() if len(set(tops_of(paths))) > 1}
    tops = in_order(top for each in several.values() for top in each)
    if not several or are_parts([f"{top}/" for top in tops]) or any(map(is_day, tops)):
        return []
    rest[rest.index(SPEAKER)] = ANY
    one = len(several) == 1
    are, else_ = ("is", "it is several") if one else ("are each", "they are different ones")
    return [
        f"{'source' if one else 'sources'} {listed(list(several))} (field `speaker`) {are} in several of the "
        f"folders {listed(tops)}, and taken for one; if {else_}, "
        f'--layout "{"/".join([SPEAKER, *rest])}" takes these folders for sources'
    ]
