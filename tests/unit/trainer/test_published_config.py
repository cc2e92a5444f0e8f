"""`snnc train` and `snnc test` on small files in the true layouts of SHD, SSC and Speech Commands."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from published_files import gsc, heidelberg, shd, ssc

from snnc.cli import main
from snnc.trainer.config import load_config, presets
from snnc.trainer.model_file import load_model

pytestmark = pytest.mark.slow

TINY = ("--epochs", "1", "--set", "hidden=[4]", "--set", "time_steps=30", "--set", "batch_size=4")


def train(name: str, folder: Path, *more: object) -> int:
    output = ("-o", folder.parent / "model.pt")
    return main(["train", name, "--data-dir", str(folder), *map(str, (*output, *TINY, *more))])


def evaluate(model: Path, *more: object) -> int:
    return main(["test", str(model), *map(str, more)])


def test_shd_from_ones_own_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shd(tmp_path / "SHD")
    good = (folder / "shd_test.h5").read_bytes()
    (folder / "shd_test.h5").write_bytes(b"unreadable: training must not look at it")
    assert train("shd", tmp_path, "-o", tmp_path / "model.pt", "--set", "finetune_epochs=0") == 0
    model = load_model(tmp_path / "model.pt")
    assert [layer.weight.shape for layer in model.layers] == [(4, 140), (2, 4)]
    assert (model.dataset, model.time_steps, model.unit_pool) == ("shd", 30, 5)
    assert model.config["data_dir"] == str(tmp_path)
    data = model.metrics["data"]
    assert (data["name"], data["recordings"], set(data["parts"])) == ("shd", 16, {"train", "validation"})
    assert evaluate(tmp_path / "model.pt") == 2
    assert "shd_test.h5: not a readable HDF5 file" in capsys.readouterr().err

    (folder / "shd_test.h5").write_bytes(good)
    assert evaluate(tmp_path / "model.pt") == 0
    assert capsys.readouterr().out.count("of 8, test)") == 3
    assert evaluate(tmp_path / "model.pt", "--split", "validation") == 0
    assert capsys.readouterr().out.count("of 8, validation)") == 3

    # Recordings of training under the test part's name, and others under the training part's.
    shutil.copy(folder / "shd_train.h5", folder / "shd_test.h5")
    heidelberg(folder / "shd_train.h5", (0, 1, 3, 9), seed=7, recordings=16)
    assert evaluate(tmp_path / "model.pt", "--split", "train") == 2
    assert "the train recordings are others than in training" in capsys.readouterr().err


def test_files_that_moved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train("ssc", ssc(tmp_path / "a")) == 0
    (tmp_path / "b").mkdir()
    (tmp_path / "a").rename(tmp_path / "b" / "SSC")
    assert evaluate(tmp_path / "model.pt") == 2
    assert "--dataset FOLDER names another place" in capsys.readouterr().err
    assert evaluate(tmp_path / "model.pt", "--dataset", tmp_path / "b") == 0
    shutil.copy(tmp_path / "b" / "SSC" / "ssc_train.h5", tmp_path / "b" / "SSC" / "ssc_test.h5")
    assert evaluate(tmp_path / "model.pt", "--dataset", tmp_path / "b") == 2
    assert "the test recordings were trained on or validated with" in capsys.readouterr().err
    shutil.move(tmp_path / "b" / "SSC" / "ssc_valid.h5", tmp_path)  # beside the model
    assert evaluate(tmp_path / "model.pt", "--split", "validation") == 0


def test_a_relative_folder_is_found_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named from `tmp_path`; the model lies in a folder of it, and is tested in another."""
    ssc(tmp_path / "a")
    for folder in ("models", "elsewhere"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)
    assert train("ssc", Path("a"), "-o", "models/m.pt") == 0
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert evaluate("../models/m.pt") == 0


def test_speech_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = gsc(tmp_path / "speech_commands_v0.02")
    for file in root.glob("*/0000000d_*.wav"):
        file.write_bytes(b"unreadable: a test recording")
    cache = tmp_path / "cache"
    assert train("gsc", root, "--set", f"cache_dir={cache}") == 0
    assert "gsc: encoding 4 recordings to train; they are kept as" in capsys.readouterr().err
    assert sorted(path.name.rsplit("_", 1)[0] for path in cache.iterdir()) == ["gsc_train", "gsc_validation"]
    model = load_model(tmp_path / "model.pt")
    assert model.class_names == ("bed", "yes")
    assert model.layers[0].weight.shape == (4, 140)
    assert evaluate(tmp_path / "model.pt", "--split", "validation") == 0
    assert evaluate(tmp_path / "model.pt") == 2
    assert "0000000d_nohash_0.wav: not a readable WAV file" in capsys.readouterr().err


def test_no_files_and_no_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert train("shd", tmp_path / "empty") == 2
    told = capsys.readouterr().err
    assert (
        "shd_train.h5   (from shd_train.h5.zip, MD5 f3252aeb598ac776c1b526422d90eecb; about 268 MB)" in told
    )
    assert not (tmp_path / "model.pt").exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["hidden"], "--set hidden: give FIELD=VALUE"),
        (["=3"], "--set =3: give FIELD=VALUE"),
        (["tau=2.0", "tau=3.0"], "tau is 2.0 already; give it once"),
        (["epochs=3"], "epochs is 1 already; give it once"),
        (["tau=slow"], "tau = 'slow': input should be a valid number"),
        (["hiden=[4]"], "unknown field 'hiden'"),
    ],
)
def test_bad_settings(
    tmp_path: Path, settings: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [part for setting in settings for part in ("--set", setting)]
    assert main(["train", "digits", "-o", str(tmp_path / "m.pt"), "--epochs", "1", *options]) == 2
    assert words in capsys.readouterr().err


def test_help_names_every_preset(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["train", "--help"]) == 0
    assert f"A preset ({', '.join(presets())})" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "hidden", "kernel_size", "tau", "dropout", "epochs", "batch_size"),
    [
        ("shd", (256, 256), 25, 1.005, 0.4, 150, 256),
        ("ssc", (512, 512), 31, 1.5, 0.25, 60, 128),
        ("ssc3", (512, 512, 512), 31, 1.5, 0.25, 60, 128),
        ("gsc", (512, 512, 512), 31, 1.5, 0.25, 100, 128),
    ],
)
def test_presets_are_the_papers(
    name: str,
    hidden: tuple[int, ...],
    kernel_size: int,
    tau: float,
    dropout: float,
    epochs: int,
    batch_size: int,
) -> None:
    config = load_config(name)
    assert (config.hidden, config.kernel_size, config.tau) == (hidden, kernel_size, tau)
    assert (config.dropout, config.epochs, config.batch_size) == (dropout, epochs, batch_size)
    assert (config.lr_weights, config.lr_positions, config.weight_decay) == (5e-3, 0.1, 1e-5)
    assert (config.first_sigma, config.sigma_final, config.sigma_fraction) == (kernel_size // 2, 0.5, 0.25)
    assert (config.bin_s, config.batch_norm, config.surrogate_alpha, config.loss) == (0.01, True, 5.0, "sum")
    # Their code lengthens time by half a kernel in each of the layers, the readout's among them.
    data_steps = config.time_steps - (len(hidden) + 1) * (kernel_size // 2)
    assert data_steps == (140 if name == "shd" else 100)
    assert np.isclose(data_steps * config.bin_s, 1.4 if name == "shd" else 1.0)


def test_time_steps_must_be_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The test part, which training does not read, may need more of them."""
    shd(tmp_path / "SHD")
    (tmp_path / "mine.toml").write_text(
        'dataset = "shd"\ndata_dir = "."\nvalidation_speakers = [0, 9]\nbin_s = 0.01\nunit_pool = 5\n'
        "hidden = [4]\nkernel_size = 5\ntau = 2.0\nepochs = 1\nbatch_size = 4\nlr_weights = 0.01\n"
    )
    assert main(["train", str(tmp_path / "mine.toml"), "-o", str(tmp_path / "model.pt")]) == 2
    assert "time_steps is missing" in capsys.readouterr().err
