"""What lies in a folder of recordings and is none of those that are taken."""

from collections.abc import Iterable

from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.usual_layout import tops_of
from snnc.trainer.data.walk import Walk


def beside(walk: Walk, taken: Iterable[str]) -> list[str]:
    """Notes on all that lies in the folder and is none of the recordings `taken`."""
    notes = []
    if walk.hidden:
        notes.append(
            f"left out, hidden files and those of systems: {len(walk.hidden)} ({listed(walk.hidden)})"
        )
    if walk.others:
        notes.append(f"left out, no WAV files: {len(walk.others)} ({listed(walk.others)})")
    if walk.again:
        notes.append(
            f"left out, links to folders that are read already: {len(walk.again)} ({listed(walk.again)})"
        )
    filled, sounding = set(tops_of(taken)), {*tops_of(walk.sounds), *tops_of(walk.foreign)}
    none_taken = [top for top in walk.tops if top not in filled and top not in walk.again]
    if empty := [top for top in none_taken if top not in sounding]:
        notes.append(f"folders without a recording, which make no class: {len(empty)} ({listed(empty)})")
    if left := [top for top in none_taken if top in sounding]:
        told = "folders of which every recording was left out, which make no class"
        notes.append(f"{told}: {len(left)} ({listed(left)})")
    return notes
