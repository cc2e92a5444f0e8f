"""Published data sets: where their files are found, and that parts stay apart."""

from pathlib import Path

import pytest
from published_files import gsc, shd, ssc

from snnc.errors import ConfigError, InputError
from snnc.trainer.config import TrainConfig, load_config
from snnc.trainer.data import PUBLISHED, load
from snnc.trainer.data.published import find, load_part
from snnc.trainer.splitting import load_recordings, published_parts

pytestmark = pytest.mark.slow


def configured(name: str, folder: Path | None, **changes: object) -> TrainConfig:
    return load_config(name, {"data_dir": None if folder is None else str(folder), **changes})


@pytest.mark.parametrize(
    ("name", "sub"),
    [
        ("shd", "."),
        ("shd", "SHD"),  # tonic
        ("shd", "events_h5"),  # SpikingJelly
        ("shd", "extract"),
        ("shd", "SHD/events_h5"),
        ("ssc", "."),
        ("ssc", "SSC"),
        ("ssc", "events_h5"),
        ("gsc", "."),
        ("gsc", "speech_commands_v0.02"),
        ("gsc", "SpeechCommands/speech_commands_v0.02"),  # torchaudio
    ],
)
def test_layouts_are_found(tmp_path: Path, name: str, sub: str) -> None:
    {"shd": shd, "ssc": ssc, "gsc": gsc}[name](tmp_path / sub)
    for part, content in PUBLISHED[name].parts.items():
        wanted = tmp_path / sub if name == "gsc" else tmp_path / sub / content
        assert find(name, part, [tmp_path]) == wanted
        assert len(load_part(name, part, [tmp_path])) >= 2


def test_shd_holds_out_two_training_speakers(tmp_path: Path) -> None:
    config = configured("shd", shd(tmp_path))
    recordings = load_recordings(config)
    assert set(recordings.splits.train.speaker.tolist()) == {1, 3}
    assert set(recordings.splits.validation.speaker.tolist()) == {0, 9}
    assert (len(recordings), len(recordings.splits.test)) == (16, 0)
    (test,) = published_parts(config, ["test"])
    assert set(test.speaker.tolist()) == {4, 5}


def test_ssc_has_a_file_for_each_part(tmp_path: Path) -> None:
    config = configured("ssc", ssc(tmp_path))
    splits = load_recordings(config).splits
    (test,) = published_parts(config, ["test"])
    assert (len(splits.train), len(splits.validation), len(test)) == (12, 8, 8)
    assert len({part.sha256() for part in (splits.train, splits.validation, test)}) == 3


@pytest.mark.parametrize("name", ["shd", "ssc", "gsc"])
def test_missing_files_are_named_with_sums_and_sizes(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        load_recordings(configured(name, tmp_path))
    text = str(caught.value)
    for archive in PUBLISHED[name].archives:
        assert f"{archive.content}   (from {archive.name}, {archive.digest_in_words}; {archive.size})" in text
    assert str(tmp_path) in text
    assert PUBLISHED[name].servers[0] in text
    assert "--download" in text
    with pytest.raises(ConfigError, match="--data-dir FOLDER"):
        load_recordings(configured(name, None))


def test_sums_are_those_that_are_published() -> None:
    """MD5 as the servers and SpikingJelly list them; SHA-256 as torchaudio and TFDS list it."""
    assert {a.name: a.digest_in_words for source in PUBLISHED.values() for a in source.archives} == {
        "shd_train.h5.zip": "MD5 f3252aeb598ac776c1b526422d90eecb",
        "shd_test.h5.zip": "MD5 1503a5064faa34311c398fb0a1ed0a6f",
        "ssc_train.h5.zip": "MD5 d102be95e7144fcc0553d1f45ba94170",
        "ssc_valid.h5.zip": "MD5 b4eee3516a4a90dd0c71a6ac23a8ae43",
        "ssc_test.h5.zip": "MD5 a35ff1e9cffdd02a20eb850c17c37748",
        "speech_commands_v0.02.tar.gz": "SHA-256 "
        "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
    }


def test_every_server_is_encrypted() -> None:
    servers = [server for source in PUBLISHED.values() for server in source.servers]
    assert len(servers) >= 6
    assert [server for server in servers if not server.startswith("https://")] == []


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("shd", {"validation_speakers": []}, r"validation_speakers is missing.*as \[0, 9\]"),
        ("shd", {"test_speakers": [4]}, r"test_speakers = \[4\]: dataset 'shd' does not use it"),
        ("ssc", {"validation_speakers": [4]}, r"validation_speakers = \[4\]: dataset 'ssc' does not use"),
        ("ssc", {"cache_dir": "x"}, "cache_dir = 'x': dataset 'ssc' does not use"),
        ("digits", {}, "data_dir and cache_dir are for shd, ssc, gsc"),
    ],
)
def test_fields_that_do_not_fit(tmp_path: Path, name: str, changes: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load_recordings(configured(name, tmp_path, **changes))


def test_a_published_name_is_no_file() -> None:
    with pytest.raises(
        InputError, match=r"'shd': its parts are separate files \(shd_test\.h5, shd_train\.h5\)"
    ):
        load("shd")


def test_folders_count_from_the_toml_file(tmp_path: Path) -> None:
    lines = ["dataset='gsc'", "data_dir='d'", "cache_dir='c'", "bin_s=0.01", "hidden=[4]", "kernel_size=5"]
    lines += ["tau=2.0", "epochs=1", "batch_size=2", "lr_weights=0.01"]
    (tmp_path / "mine.toml").write_text("\n".join(lines))
    config = load_config(tmp_path / "mine.toml")
    assert (config.dataset, config.data_dir) == ("gsc", str(tmp_path / "d"))
    assert config.cache_dir == str(tmp_path / "c")
    assert load_config(tmp_path / "mine.toml", {"data_dir": "e"}).data_dir == "e"
