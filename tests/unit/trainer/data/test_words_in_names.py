"""Names of files that tell the same words in several folders leave the choice what the classes are."""

from __future__ import annotations

from itertools import product

import pytest

from snnc.trainer.data.layout import Layout
from snnc.trainer.data.words_in_names import words_in_names

SITES, DOGS, SOUNDS = ("Nord", "See", "Wald"), ("Bello", "Luna"), ("crackle", "rub", "wheeze")


def names(pattern: str, sites=SITES, dogs=DOGS, sounds=SOUNDS, takes: int = 3) -> list[str]:
    found = enumerate(product(sites, dogs, sounds, range(1, takes + 1)))
    return [
        pattern.format(site=site, dog=dog, sound=sound, take=take, day=f"2026-03-{1 + at % 20:02d}", at=at)
        for at, (site, dog, sound, take) in found
    ]


@pytest.mark.parametrize(
    ("pattern", "layout", "source"),
    [
        ("{site}/{dog}/{day}_{sound}_{take}.wav", "{{}}/{{speaker}}/{{}}_{{class}}_{{}}", DOGS),
        ("{site}/{dog}/{sound}_{at}.wav", "{{}}/{{speaker}}/{{class}}_{{}}", DOGS),
        ("{site}/{dog}/{at}_{sound}.wav", "{{}}/{{speaker}}/{{}}_{{class}}", DOGS),
        ("{site}/{dog}/{sound}-{day}-{take}.wav", "{{}}/{{speaker}}/{{class}}-{{}}", DOGS),
        ("{site}/{day}/{sound}_{at}.wav", "{{speaker}}/{{}}/{{class}}_{{}}", SITES),
        ("{site}/{dog}/{day}/{sound}_{at}.wav", "{{}}/{{speaker}}/{{}}/{{class}}_{{}}", DOGS),
        ("{site}/{dog}/{sound}/{day}_{take}.wav", "{{}}/{{speaker}}/{{class}}/{{}}", DOGS),
        ("{dog}/{day}_{sound}_{at}.wav", "{{speaker}}/{{}}_{{class}}_{{}}", DOGS),
        ("clinic_1{site}/dog_{dog}/{day}_{sound}_{at}.wav", "{{}}/{{speaker}}/{{}}_{{class}}_{{}}", None),
    ],
)
def test_the_words_and_both_readings(pattern: str, layout: str, source: tuple[str, ...] | None) -> None:
    sounds = names(pattern)
    found = words_in_names(sounds)
    assert found is not None
    assert (found.words, found.layout) == (SOUNDS, layout.format())
    read = {Layout(found.layout).parts(each.rpartition(".")[0]) for each in sounds}
    assert {each[0] for each in read} == set(SOUNDS)
    assert source is None or {each[1] for each in read} == set(source)
    said = found.question(sounds)
    assert said.startswith("names below tell crackle, rub, wheeze in several of its folders (")
    assert f'--layout "{found.layout}" takes those names for classes' in said
    assert f'--layout "{found.other}" the first folders' in said


@pytest.mark.parametrize(
    "sounds",
    [
        names("{sound}/{dog}/{take}.wav"),
        names("{sound}/{dog}/take_{at}.wav"),
        names("{sound}/{dog}/{day}_{at}.wav"),
        names("{sound}/{dog}/{dog}_{at}.wav", dogs=("Bello",)),
        names("{sound}/{dog}/{day}/{at}.wav"),
        names("{sound}/{dog}_{at}.wav"),  # as up/ann_3.wav: read elsewhere
        names("{dog}/{sound}_{at}.wav"),
        names("{sound}/{sound}_{at}.wav"),
        names("{sound}/{site}/{sound}_{at}.wav"),
        names("{site}/{dog}/{sound}_{at}.wav", sites=("Nord",)),
        names("{sound}/{dog}/{dog}_{take}.wav"),
        names("{sound}/{dog}/{day}_{take}.wav"),
        names("{sound}/{dog}/{day}-{take}.wav"),
        names("{sound}/{dog}/{take}_{at}.wav", sites=("Nord",)),  # each once in a folder: takes
        names("{sound}/{day}_{take}.wav"),
        names("{sound}/{at}_{take}.wav"),
        names("{sound}/{dog}_{take}_{at}.wav"),
        ["a/b/c.wav"],
        [],
    ],
)
def test_folders_that_are_classes_are_no_question(sounds: list[str]) -> None:
    assert words_in_names(sounds) is None


@pytest.mark.parametrize(
    ("pattern", "layout"),
    [
        ("{site}/{dog}/{day}_{sound}_{take}.wav", "{{}}/{{speaker}}/{{}}_{{class}}_{{}}"),
        ("{site}/{dog}/{day}-{sound}-{take}.wav", "{{}}/{{speaker}}/{{}}-{{}}-{{}}-{{class}}-{{}}"),
        ("{site}/{dog}/{sound}_{take}.wav", "{{}}/{{speaker}}/{{class}}_{{}}"),
        ("{site}/{dog}/{dog}_{sound}_{take}.wav", "{{}}/{{speaker}}/{{}}_{{class}}_{{}}"),
        ("{site}/{dog}/{day}/{sound}_{at}.wav", "{{}}/{{speaker}}/{{}}/{{class}}_{{}}"),
        ("{site}/{dog}/{sound}/{take}.wav", "{{}}/{{speaker}}/{{class}}/{{}}"),
        ("{dog}/{day}_{sound}_{take}.wav", "{{speaker}}/{{}}_{{class}}_{{}}"),
        ("{dog}/{sound}_{take}.wav", "{{speaker}}/{{class}}_{{}}"),
        ("Actor_{dog}/03-01-{sound}-01-{take}.wav", "{{speaker}}/{{}}-{{}}-{{class}}-{{}}"),
    ],
)
@pytest.mark.parametrize("classes", [("1", "2", "3"), ("a", "b")])
def test_numbers_and_letters_that_repeat_as_classes_do(
    pattern: str, layout: str, classes: tuple[str, ...]
) -> None:
    """The sites, or the dogs, would have been the classes without a word."""
    sounds = names(pattern, sounds=classes, takes=4)
    found = words_in_names(sounds)
    assert found is not None
    assert (found.words, found.layout) == (classes, layout.format())
    assert {Layout(found.layout).parts(each.rpartition(".")[0])[0] for each in sounds} == set(classes)


def test_words_are_found_where_some_recordings_lie_deeper() -> None:
    """A third of them: the first folders were taken for classes, without a question."""
    usual = names("{site}/{dog}/{sound}/{take}.wav")
    deeper = [name.replace(f"/{name.rpartition('/')[2]}", "/morning/1.wav") for name in usual[::3]]
    found, alone = words_in_names([*usual[1::3], *usual[2::3], *deeper]), words_in_names(usual)
    assert alone is not None
    assert found == alone
    assert words_in_names([*usual[::3], *deeper]) is None  # half of them
