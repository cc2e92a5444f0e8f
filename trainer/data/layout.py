"""Where in a recording's path its class and its speaker stand."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from snnc.errors import InputError
from snnc.text import did_you_mean

PLACES = CLASS, SPEAKER, ANY = "{class}", "{speaker}", "{}"
MOST, CHARACTERS = 9, 4096
"""Most places: more are a slip. Most characters: no path has more."""
_PLACE = "|".join(map(re.escape, PLACES))

BY_CLASS, BY_SPEAKER = "{class}/{}", "{class}/{speaker}/{}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The text between places stands in a path as it is; a place is the shortest text that fits.

    `{class}` and `{speaker}` are text within a name, `{}` is any text, also over several folders. A path is
    relative to the folder of recordings, with "/" between names and without ".wav". A speaker of several
    places is their texts with "/" between: as no place holds one, different texts never make the same name.
    """

    text: str

    def __post_init__(self) -> None:
        if len(self.text) > CHARACTERS:
            raise InputError(f"--layout: has {len(self.text)} characters, at most {CHARACTERS} are read")
        found = self._places
        for name in re.findall(r"{[^{}]+}", re.sub(_PLACE, "", self.text)):
            near = did_you_mean(name, PLACES)
            raise self._refused(f"{name} is no place{near}; places are {', '.join(PLACES)}")
        if found.count(CLASS) != 1:
            raise self._refused("name {class} once")
        if len(found) > MOST:
            raise self._refused(f"has {len(found)} places in braces, at most {MOST} are read")
        if unknown := re.search(r"[{}]", re.sub(_PLACE, "", self.text)):
            raise self._refused(f"has a {unknown[0]!r} too many; places are {', '.join(PLACES)}")
        if together := re.search(rf"({CLASS}|{SPEAKER})({_PLACE})", self.text):
            place, at = together[1], together.end(1)
            raise InputError(
                f'--layout "{self.text}": nothing stands between {place} and {together[2]}, so that {place} '
                "would be one letter; write what stands there in the names of files, for example "
                f'"{self.text[:at]}_{self.text[at:]}"'
            )

    @property
    def names_speakers(self) -> bool:
        return SPEAKER in self._places

    def parts(self, path: str) -> tuple[str, str | None] | None:
        """Class and speaker (None if the layout has none) of a recording; None if it does not fit."""
        pieces = [each for each in re.split(f"({_PLACE})", self.text) if each]
        if (found := _Matching(pieces, path).found()) is None:
            return None
        speaker = [text for piece, text in zip(pieces, found, strict=True) if piece == SPEAKER]
        return found[pieces.index(CLASS)], "/".join(speaker) or None

    @property
    def _places(self) -> list[str]:
        return re.findall(_PLACE, self.text)

    def _refused(self, problem: str) -> InputError:
        return InputError(
            f'--layout "{self.text}": {problem}; for example "{BY_SPEAKER}", or '
            f'"{{class}}-{{speaker}}-{{}}" for names such as up-ann-3.wav'
        )


@dataclass(frozen=True, slots=True)
class _Matching:
    """The `pieces` of a layout in a `path`, each place as short as it may be.

    No regular expression does it: of a path that does not fit, it tries all ways, which may take hours.
    """

    pieces: Sequence[str]
    path: str
    unfit: set[tuple[int, int]] = field(default_factory=set)
    """Pieces that, from this letter on, do not fit."""

    def found(self, piece: int = 0, at: int = 0) -> list[str] | None:
        """The text of each piece from `piece` on, in what is left of the path; None if they do not fit."""
        if piece == len(self.pieces):
            return [] if at == len(self.path) else None
        if (piece, at) in self.unfit:
            return None
        text = self.pieces[piece]
        for end in self._ends(text, at):
            if (rest := self.found(piece + 1, end)) is not None:
                return [self.path[at:end], *rest]
        self.unfit.add((piece, at))
        return None

    def _ends(self, text: str, at: int) -> Iterable[int]:
        """Where a piece may end that begins at the letter `at`, the nearest first."""
        if text not in PLACES:
            return [at + len(text)] if self.path.startswith(text, at) else []
        slash = len(self.path) if text == ANY else self.path.find("/", at)
        return range(at + 1, (len(self.path) if slash < 0 else slash) + 1)
