"""Recordings of which few lie in more or fewer folders than the others, so that these tell the layout."""

from collections import Counter
from collections.abc import Iterator, Sequence

from snnc.trainer.data.usual_layout import ALIKE


def of_usual_depth(sounds: Sequence[str]) -> Iterator[list[str]]:
    """`sounds` without the few that lie at another depth, in each way in which there are some.

    What lies in the folder itself may be up to half: as it tells no class, it is never read with the others.
    """
    within = [name for name in sounds if "/" in name]
    base = within if 2 * len(within) > len(sounds) else sounds
    usual = Counter(name.count("/") for name in base).most_common(1)[0][0]
    alike = [name for name in base if name.count("/") == usual]
    deep = [name for name in base if name.count("/") > 1]
    for most in (alike, deep, within):
        enough = len(most) >= ALIKE * len(base) and 2 * len(most) > len(sounds)
        if enough and len(most) < len(sounds):
            yield most
