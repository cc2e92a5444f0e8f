"""Where in a recording's path its class and its speaker stand."""

import re
from dataclasses import dataclass

from snnc.errors import InputError

PLACES = {"{class}": "(?P<label>[^/]+?)", "{speaker}": "(?P<speaker>[^/]+?)", "{}": ".+?"}
_MOST = 5
"""Most places: a path that does not fit is tried in all ways."""

BY_CLASS, BY_SPEAKER = "{class}/{}", "{class}/{speaker}/{}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The text between places stands in a path as it is; a place is the shortest text that fits.

    `{class}` and `{speaker}` are text within a name, `{}` is any text, also over several folders. A path is
    relative to the folder of recordings, with "/" between names and without ".wav".
    """

    text: str

    def __post_init__(self) -> None:
        found = self._places
        if found.count("{class}") != 1 or found.count("{speaker}") > 1:
            raise self._refused("name {class} once, and {speaker} at most once")
        if len(found) > _MOST:
            raise self._refused(f"has {len(found)} places in braces, at most {_MOST} are read")
        if unknown := re.search(r"[{}]", re.sub("|".join(map(re.escape, PLACES)), "", self.text)):
            raise self._refused(f"has a {unknown[0]!r} too many; places are {', '.join(PLACES)}")

    @property
    def names_speakers(self) -> bool:
        return "{speaker}" in self._places

    def parts(self, path: str) -> tuple[str, str | None] | None:
        """Class and speaker (None if the layout has none) of a recording; None if it does not fit."""
        match = re.fullmatch(self._pattern, path, re.DOTALL)
        if match is None:
            return None
        return match["label"], match.groupdict().get("speaker")

    @property
    def _places(self) -> list[str]:
        return re.findall("|".join(map(re.escape, PLACES)), self.text)

    @property
    def _pattern(self) -> str:
        pieces = re.split(f"({'|'.join(map(re.escape, PLACES))})", self.text)
        return "".join(PLACES.get(piece, re.escape(piece)) for piece in pieces)

    def _refused(self, problem: str) -> InputError:
        return InputError(
            f'--layout "{self.text}": {problem}; for example "{BY_SPEAKER}", or '
            f'"{{class}}-{{speaker}}-{{}}" for names such as up-ann-3.wav'
        )
