"""The command that encodes a folder: its options are those that the folder needs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from wav_files import packed, tone, wav, write

from snnc.cli import main
from snnc.errors import InputError
from snnc.trainer.data import load
from snnc.trainer.data.encode_options import encode_command, encode_options, is_told
from snnc.trainer.data.folder import find_recordings

STEREO = wav(packed(np.stack([tone(), tone(hertz=900.0)], 1), 16), channels=2)


def folder(top: Path, *names: str) -> Path:
    for name in names:
        write(top / f"{name}.wav", 300 + 13 * len(name))
    return top


@pytest.mark.parametrize(
    ("names", "options"),
    [
        (["up/a", "down/a"], []),
        (["up/ann/1", "down/ann/1"], []),
        (["up/ann_1", "up/bob_1", "down/ann_1", "down/bob_1"], ["--layout", "{class}/{speaker}_{}"]),
        # Somebody who says but one word.
        (
            ["up/ann_1", "up/bob_1", "down/ann_1", "down/bob_1", "up/eve_1"],
            ["--layout", "{class}/{speaker}_{}"],
        ),
        # Most names stand in one class: they are words, and ann and bob may be, too.
        (
            [
                *(f"{c}/{w}_{k}" for c, w in (("up", "high"), ("down", "low")) for k in "123"),
                *("up/ann_1", "down/ann_1", "up/bob_1", "down/bob_1"),
            ],
            [],
        ),
        # The class itself, and one name alone, are no speaker's.
        (["up/up_1", "up/up_2", "down/down_1", "down/down_2"], []),
        (["up/take_1", "up/take_2", "down/take_1", "down/take_2"], []),
        (["train/up/1", "train/down/1", "test/up/1"], ["--layout", "{}/{class}/{}"]),
        (["data/up/1", "data/down/1"], ["--layout", "data/{class}/{}"]),
        # Loose files: their sources are counted, their classes are not.
        (["P017_dry_1", "P017_wet_1", "P021_dry_1", "P021_wet_1"], ["--layout", "{speaker}_{class}_{}"]),
    ],
)
def test_names_of_files_tell_the_layout(tmp_path: Path, names: list[str], options: list[str]) -> None:
    data = folder(tmp_path / "data", *names)
    assert encode_options(data) == options
    assert is_told(data)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["up", "down"], '--layout "{class}-{speaker}-{}"; to classify'),
        # Persons or states may be the classes.
        (
            ["ann_ok_1", "ann_bad_1", "bob_ok_1", "bob_bad_1"],
            'say --layout "{class}_{speaker}_{}" if ann, bob are the classes and bad, ok sources (field '
            '`speaker`); the reverse is --layout "{speaker}_{class}_{}"; to classify',
        ),
    ],
)
def test_where_only_the_user_knows_the_command_tells_the_choices(
    tmp_path: Path, names: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = folder(tmp_path / "data", *names)
    assert encode_options(data) == []
    assert not is_told(data)
    with pytest.raises(InputError, match=re.escape(said)):
        find_recordings(data)
    assert main(["train", str(data), "-o", str(tmp_path / "m.pt")]) == 2
    told = " ".join(capsys.readouterr().err.split())
    file = tmp_path / "data.npz"
    assert f"; add the one that is meant to snnc encode {data} -o {file}, and then snnc train {file}" in told
    assert main(["inspect", str(data)]) == 0
    assert "`snnc encode` tells the ways to say them" in capsys.readouterr().out


def test_sources_of_one_name_in_several_folders_are_told_before_a_layout_is_chosen(tmp_path: Path) -> None:
    """Every orchard has a pump-1."""
    names = [
        f"{orchard}/pump-{n}/{state}/take_{take}"
        for orchard in ("north", "south")
        for n in (1, 2)
        for state in ("dry", "ok")
        for take in (1, 2)
    ]
    with pytest.raises(InputError) as refused:
        find_recordings(folder(tmp_path / "data", *names))
    assert (
        '--layout "{class}/{speaker}/{}" the first folders; by the first, sources pump-1, pump-2 (field '
        "`speaker`) each lie in several folders (north, south), and each is taken for one; if they are other "
        'ones in each: --layout "{speaker}/{speaker}/{class}/{}"'
    ) in refused.value.args[0]


def test_days_below_folders_of_sites_are_no_classes_nor_are_the_sites(tmp_path: Path, capsys) -> None:
    """Names of files tell two species, at each site: the sites would have been the classes."""
    names = [
        f"{site}/2026-04-1{day}/{bird}_{take}"
        for site in ("fen", "mere")
        for day in (1, 2)
        for bird in ("chiff", "wren")
        for take in "12"
    ]
    data = folder(tmp_path / "data", *names)
    said = (
        "names below tell chiff, wren in several of its folders (fen, mere); which are the classes is not "
        'known. --layout "{speaker}/{}/{class}_{}" takes those names for classes, --layout '
        '"{class}/{}/{speaker}_{}" the first folders'
    )
    with pytest.raises(InputError, match=re.escape(said)):
        find_recordings(data)
    assert not is_told(data)
    found = find_recordings(data, "{speaker}/{}/{class}_{}").recordings
    assert {(each.label, each.speaker) for each in found} == {
        (b, s) for b in ("chiff", "wren") for s in ("fen", "mere")
    }
    assert main(["inspect", str(data)]) == 0
    assert "classes: names may be read in several ways; `snnc encode` tells them" in capsys.readouterr().out
    plain = folder(
        tmp_path / "plain",
        *(f"{bird}/2026-04-1{day}/{take}" for bird in ("chiff", "wren") for day in (1, 2) for take in "12"),
    )
    assert {each.label for each in find_recordings(plain).recordings} == {"chiff", "wren"}


def test_a_slip_in_one_name_hides_no_layout(tmp_path: Path, capsys) -> None:
    """One name has other marks between its parts, so its class would be 10: no class that is told."""
    names = [
        f"L0{at}-{state}-2026-10-04-{take}" for at in (1, 2) for state in ("ok", "worn") for take in "12345"
    ]
    data = folder(tmp_path / "data", *names, "L1_ok_2026-10-15_02")
    assert encode_options(data) == ["--layout", "{speaker}-{class}-{}"]
    said = (
        "if ok, worn are the classes and L01, L02 sources .*; called otherwise: L1_ok_2026-10-15_02.wav; to"
    )
    with pytest.raises(InputError, match=said):
        find_recordings(data)
    for name in names[:3]:  # more than a tenth of them
        (data / f"{name}.wav").rename(data / f"{name.replace('-', '_')}.wav")
    assert not is_told(data)


def test_several_channels_are_mixed_and_what_is_damaged_skipped(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", "up/a", "up/b", "down/a")
    (data / "up/a.wav").write_bytes(STEREO)
    assert encode_options(data) == ["--mix"]
    (data / "up/b.wav").write_text("no sound")
    assert encode_options(data) == ["--mix", "--skip"]
    (data / "up/a.wav").unlink()
    assert encode_options(data) == ["--skip"]
    (data / "down/a.wav").write_text("no sound")  # nothing is left then
    assert encode_options(data) == []
    assert encode_options(tmp_path / "none") == []


def test_the_command_is_named_where_a_folder_is_no_data(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    data = folder(Path("data"), "up/ann_1", "up/bob_1", "down/ann_1", "down/bob_1")
    (data / "up/ann_1.wav").write_bytes(STEREO)
    command = "snnc encode data -o data.npz --layout '{class}/{speaker}_{}' --mix"
    assert encode_command(data) == command
    with pytest.raises(InputError) as caught:
        load("data")
    assert str(caught.value).endswith(command)


def test_the_command_that_is_named_replaces_nothing(tmp_path: Path, monkeypatch) -> None:
    """It would refuse a file that is there."""
    monkeypatch.chdir(tmp_path)
    data = folder(Path("data"), "up/a", "down/a")
    for there, named in (("data.npz", "data-2.npz"), ("data-2.npz", "data-3.npz")):
        Path(there).touch()
        assert encode_command(data) == f"snnc encode data -o {named}"
        with pytest.raises(InputError, match=f"if these are the classes: snnc encode data -o {named};"):
            find_recordings(Path())


def test_a_folder_above_or_below_is_encoded_with_its_options(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", "up/ann_1", "up/bob_1", "down/ann_1", "down/bob_1")
    (data / "up/ann_1.wav").write_bytes(STEREO)
    options = ["--layout", "{class}/{speaker}_{}", "--mix"]
    command = shlex.join(["snnc", "encode", str(data), "-o", "data.npz", *options])
    for given in (tmp_path, data / "up"):
        with pytest.raises(InputError) as caught:
            find_recordings(given)
        assert command in str(caught.value)
