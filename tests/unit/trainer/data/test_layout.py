"""Class and speaker in the path of a recording."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnc.errors import InputError
from snnc.trainer.data.layout import Layout


@pytest.mark.parametrize(
    ("layout", "path", "parts"),
    [
        ("{class}/{}", "up/1", ("up", None)),
        ("{class}/{}", "up/ann/1", ("up", None)),
        ("{class}/{speaker}/{}", "up/ann/1", ("up", "ann")),
        ("{class}/{speaker}/{}", "up/ann/monday/1", ("up", "ann")),
        ("{speaker}/{class}/{}", "ann/up/1", ("up", "ann")),
        ("{class}-{speaker}-{}", "up-ann-3", ("up", "ann")),
        ("{class}_{speaker}_{}", "7_jackson_32", ("7", "jackson")),
        ("{class}/{speaker}_nohash_{}", "bed/0a7c2a8d_nohash_0", ("bed", "0a7c2a8d")),
        ("{}/{class}/{}", "train/up/1", ("up", None)),
        ("{class}/{speaker}/{}", "up/1", None),
        ("{class}-{speaker}-{}", "up/ann-3", None),
        ("{class}.{}", "up.x", ("up", None)),
        ("{class}.{}", "upxx", None),
        ("take {}, {class}", "take 5, up", ("up", None)),
        ("{class}", "up", ("up", None)),
        ("{class}/{}", "u\np/1", ("u\np", None)),
        ("{}{class}", "u/p", ("p", None)),
        ("{class}-{}", "a-b-c", ("a", None)),
        ("{}a{}a{class}b", "aaaaab", ("a", None)),
        (
            "{speaker}/{speaker}/{class}/{}",
            "orchard_north/pump-1/dry/take_3",
            ("dry", "orchard_north/pump-1"),
        ),
        ("{speaker}_{speaker}_{class}_{}", "north_pump-1_dry_03", ("dry", "north/pump-1")),
        ("{speaker}/{class}/{speaker}", "ann/up/3", ("up", "ann/3")),
        ("{speaker}-{class}/{}-{speaker}-{speaker}", "a-up/x-b-c", ("up", "a/b/c")),
        ("{speaker}/{speaker}/{class}", "a/up", None),
    ],
)
def test_parts(layout: str, path: str, parts: tuple[str, str | None] | None) -> None:
    assert Layout(layout).parts(path) == parts


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("", "name {class} once"),
        ("{speaker}/{}", "name {class} once"),
        ("{class}/{class}", "name {class} once"),
        ("{class}/{speaker}/{speaker}/{class}", "name {class} once"),
        ("{class}/{name}", "{name} is no place; places are {class}, {speaker}, {}"),
        ("{class}/{speakr} {}", "{speakr} is no place (did you mean '{speaker}'?); places are"),
        ("{class}/{", "has a '{' too many; places are {class}, {speaker}, {}"),
        ("{class}}", "has a '}' too many"),
        ("{}" * 9 + "{class}", "has 10 places in braces, at most 9"),
    ],
)
def test_what_is_no_layout_is_refused(layout: str, text: str) -> None:
    with pytest.raises(InputError) as caught:
        Layout(layout)
    assert text in str(caught.value)
    assert "{class}-{speaker}-{}" in str(caught.value)


def test_a_layout_longer_than_any_path_is_refused() -> None:
    Layout("x" * 4089 + "{class}")
    with pytest.raises(InputError) as caught:
        Layout("x" * 4090 + "{class}")
    assert str(caught.value) == "--layout: has 4097 characters, at most 4096 are read"


@pytest.mark.parametrize(
    ("layout", "place", "written"),
    [
        ("{speaker}/{class}{}", "{class} and {}", "{speaker}/{class}_{}"),
        ("{class}/{speaker}{}", "{speaker} and {}", "{class}/{speaker}_{}"),
        ("{class}{speaker}/{}", "{class} and {speaker}", "{class}_{speaker}/{}"),
        ("{speaker}{class}", "{speaker} and {class}", "{speaker}_{class}"),
        ("{speaker}{speaker}/{class}", "{speaker} and {speaker}", "{speaker}_{speaker}/{class}"),
    ],
)
def test_a_place_that_can_be_one_letter_alone_is_refused(layout: str, place: str, written: str) -> None:
    with pytest.raises(InputError) as caught:
        Layout(layout)
    assert f"nothing stands between {place}, so that " in str(caught.value)
    assert str(caught.value).endswith(f'for example "{written}"')
    Layout(written)


NAME = st.text("abc.()[]*+? $^\\|é", min_size=1, max_size=6)


@given(label=NAME, speaker=NAME, rest=NAME)
def test_what_is_put_together_is_taken_apart(label: str, speaker: str, rest: str) -> None:
    path = f"{label}/{speaker}-x_{rest}"
    assert Layout("{class}/{speaker}-x_{}").parts(path) == (label, speaker)


@given(names=st.lists(st.tuples(NAME, NAME), min_size=2, max_size=2, unique=True), mark=st.sampled_from("/#"))
def test_a_speaker_of_several_places_has_a_name_of_its_own(names: list[tuple[str, str]], mark: str) -> None:
    """No text of `NAME` holds a mark."""
    layout = Layout(f"{{speaker}}{mark}{{speaker}}/{{class}}_{{}}")
    read = [layout.parts(f"{first}{mark}{second}/up_1") for first, second in names]
    assert read == [("up", f"{first}/{second}") for first, second in names]
    assert len(set(read)) == 2


def test_a_long_path_that_fits_nowhere_is_told_at_once() -> None:
    """By a regular expression, which tries all ways, it takes hours."""
    assert Layout("{}{}{}{}{class}-").parts("a" * 250) is None


PIECES = st.lists(st.sampled_from(["{}", "a", "/", "b"]), max_size=5)
READ = PIECES.filter(lambda pieces: pieces.count("{}") < 5 and pieces[2:3] != ["{}"])
"""With the class, five places at most are read; behind the class, text or nothing."""


@given(path=st.text("ab/", max_size=9), layout=READ)
def test_a_place_is_the_shortest_text_that_fits(path: str, layout: list[str]) -> None:
    """As regular expressions say it."""
    pieces = [*layout[:2], "{class}", *layout[2:]]
    read = {"{}": ".+?", "{class}": "([^/]+?)"}
    fits = re.fullmatch("".join(read.get(each, each) for each in pieces), path)
    assert Layout("".join(pieces)).parts(path) == (None if fits is None else (fits[1], None))
