"""`model.pt`: round trip, and files that must be refused without running anything."""

import contextlib
import os
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from snnc.errors import ModelFileError, StageError
from snnc.stages import BatchNorm, TrainedLayer, TrainedModel
from snnc.trainer.model_file import load_model, save_model


def model() -> TrainedModel:
    return replace(trained(0), gaussian=trained(1).layers)


def trained(seed: int) -> TrainedModel:
    rng = np.random.default_rng(seed)
    norm = BatchNorm(np.ones(3), np.zeros(3), np.full(3, 0.5), np.full(3, 2.0), 1e-5)
    hidden = TrainedLayer(
        "hidden1", rng.normal(size=(3, 4)), rng.uniform(-2, 2, (3, 4)), 5, 0.23, 2.0, 1.0, norm
    )
    readout = TrainedLayer(
        "readout", rng.normal(size=(2, 3)), rng.uniform(-2, 2, (2, 3)), 5, 0.23, 2.0, None, None
    )
    return TrainedModel(
        (hidden, readout),
        20,
        0.01,
        2,
        ("no", "yes"),
        "own.npz",
        {"epochs": 3, "hidden": [3]},
        {"history": [{"loss": 0.5}]},
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.pt"
    save_model(model(), path)
    return path


def test_round_trip(file: Path) -> None:
    loaded, wanted = load_model(file), model()
    assert [path.name for path in file.parent.iterdir()] == ["model.pt"]
    assert (loaded.time_steps, loaded.bin_s, loaded.unit_pool) == (20, 0.01, 2)
    assert (loaded.class_names, loaded.dataset) == (("no", "yes"), "own.npz")
    assert dict(loaded.config) == {"epochs": 3, "hidden": [3]}
    assert dict(loaded.metrics) == {"history": [{"loss": 0.5}]}
    assert loaded.gaussian is not None
    assert wanted.gaussian is not None
    for after, before in zip(loaded.layers + loaded.gaussian, wanted.layers + wanted.gaussian, strict=True):
        assert np.array_equal(after.weight, before.weight)
        assert np.array_equal(after.position, before.position)
        assert (after.name, after.kernel_size, after.sigma, after.tau) == (before.name, 5, 0.23, 2.0)
        assert after.threshold == before.threshold
    norm = loaded.layers[0].batch_norm
    assert norm is not None
    assert (norm.mean.tolist(), norm.var.tolist(), norm.eps) == ([0.5] * 3, [2.0] * 3, 1e-5)
    assert loaded.layers[1].batch_norm is None


def test_a_model_may_lack_a_gaussian_network(file: Path) -> None:
    save_model(trained(0), file)
    assert load_model(file).gaussian is None


def test_a_model_made_by_hand_may_leave_out_what_is_not_needed(tmp_path: Path) -> None:
    layer = {"name": "only", "weight": torch.ones(2, 3), "position": torch.zeros(2, 3), "kernel_size": 3}
    content = {
        "format": "snnc-model",
        "version": 2,
        "time_steps": 9,
        "bin_s": 0.01,
        "class_names": ["a", "b"],
    }
    torch.save(content | {"layers": [layer | {"tau": 2.0, "threshold": None}]}, tmp_path / "hand.pt")
    model = load_model(tmp_path / "hand.pt")
    assert (model.unit_pool, model.dataset, model.gaussian) == (1, "none", None)
    assert (dict(model.config), dict(model.metrics), dict(model.quantised)) == ({}, {}, {})
    assert (model.layers[0].sigma, model.layers[0].batch_norm) == (0, None)


def test_a_failed_write_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ModelFileError, match="No space left"):
        save_model(model(), file)
    assert file.read_bytes() == old
    assert [path.name for path in file.parent.iterdir()] == ["model.pt"]


def test_an_unwritable_place() -> None:
    with pytest.raises(ModelFileError, match="cannot be written"):
        save_model(model(), Path("no/such/folder/model.pt"))


class Hostile:
    """Unpickling this creates a folder."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize("legacy", [False, True])
def test_a_hostile_pickle_is_not_run(tmp_path: Path, legacy: bool) -> None:
    path, target = tmp_path / "model.pt", tmp_path / "created"
    if legacy:
        path.write_bytes(pickle.dumps(Hostile(target)))
    else:
        torch.save({"format": "snnc-model", "version": 2, "layers": Hostile(target)}, path)
    with pytest.raises(ModelFileError, match="not a model file"):
        load_model(path)
    assert not target.exists()
    if legacy:
        pickle.loads(path.read_bytes())
    else:
        torch.load(path, weights_only=False)
    assert target.exists()  # the trap itself works


def test_missing_truncated_and_foreign_files(file: Path) -> None:
    with pytest.raises(ModelFileError, match="no such file"):
        load_model(file.parent / "none.pt")
    with pytest.raises(ModelFileError, match="not a model file"):
        load_model(file.parent)
    content = file.read_bytes()
    for length in (0, 10, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:length])
        with pytest.raises(ModelFileError, match="not a model file"):
            load_model(file)
    torch.save([1, 2], file)
    with pytest.raises(ModelFileError, match="holds a list"):
        load_model(file)


def test_a_flipped_bit_never_escapes_as_another_error(file: Path) -> None:
    content = file.read_bytes()
    rng = np.random.default_rng(0)
    for position in rng.integers(0, len(content), 60):
        broken = bytearray(content)
        broken[position] ^= 1 << int(rng.integers(8))
        file.write_bytes(broken)
        with contextlib.suppress(ModelFileError):
            load_model(file)  # a bit of a weight may flip unnoticed


def test_claims_of_size_are_not_believed(file: Path) -> None:
    content = torch.load(file, weights_only=True)
    content["layers"][0]["weight"] = torch.zeros(1).expand(1 << 20, 1 << 20)
    torch.save(content, file)
    with pytest.raises(ModelFileError, match="plain contiguous"):
        load_model(file)


def test_compressed_parts_are_refused(file: Path) -> None:
    packed = file.parent / "packed.pt"
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    with pytest.raises(ModelFileError, match="compressed"):
        load_model(packed)


def test_a_huge_file_is_refused_unread(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snnc.io.tensor_file.MAX_BYTES", file.stat().st_size - 1)
    with pytest.raises(ModelFileError, match="above the limit"):
        load_model(file)


@pytest.mark.parametrize("name", ["", "\ud800", "a\x07"])
def test_names_that_no_file_can_hold(name: str) -> None:
    """Lone surrogates cannot be written as UTF-8, so no file has one; a caller may."""
    with pytest.raises(StageError, match="class 0 has the name"):
        replace(model(), class_names=(name, "yes"))
    with pytest.raises(StageError, match="layer name"):
        replace(model().layers[0], name=name)


def first(content: dict[str, Any]) -> dict[str, Any]:
    layer: dict[str, Any] = content["layers"][0]
    return layer


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c.update(format="other"), "format is 'other'"),
        (lambda c: c.update(version=1), "of version 1; this release reads versions 2 and 3: train again"),
        (lambda c: c.update(version=4), "of version 4; this release reads versions 2 and 3"),
        (lambda c: c.pop("bin_s"), r"missing keys \['bin_s'\]"),
        (lambda c: c.update(extra=1), r"unknown keys \['extra'\]"),
        (lambda c: c.update(layers=[]), "has no layers"),
        (lambda c: c.update(layers=3), "not a list of dicts"),
        (lambda c: c.update(class_names=["no"]), "1 class names"),
        (lambda c: c.update(class_names=[1, 2]), "class_names"),
        (lambda c: c.update(time_steps=10**12), "time_steps is 1000000000000"),
        (lambda c: c.update(time_steps=True), "time_steps is True"),
        (lambda c: c.update(bin_s=float("inf")), "bin_s is inf"),
        (lambda c: c.update(metrics=[]), "metrics is not a dict"),
        (lambda c: c.update(dataset=None), "dataset is a NoneType"),
        (lambda c: c.pop("layers"), r"missing keys \['layers'\]"),
        (lambda c: c.update(gaussian=3), "gaussian is not a list of dicts"),
        (lambda c: c["gaussian"].pop(), "hidden1: the readout must not spike"),
        (lambda c: c["gaussian"][0].update(name="other"), "Gaussian network has the layers .*other"),
        (lambda c: c.update(class_names=["no", "no"]), "two classes have the name 'no'"),
        (lambda c: c.update(class_names=["no", ""]), "class 1 has the name ''"),
        (lambda c: c.update(class_names=["no", "a\nb"]), r"class 1 has the name 'a\\nb'"),
        (lambda c: first(c).update(name="a/b"), "layer name 'a/b'"),
        (lambda c: first(c).update(name=""), "layer name ''"),
        (lambda c: first(c).update(name=".."), r"layer name '\.\.'"),
        (lambda c: first(c).update(name="a\0b"), r"layer name 'a\\x00b'"),
        (lambda c: first(c).update(kernel_size=4), "kernel_size is 4"),
        (lambda c: first(c).update(sigma=-1.0), "sigma is -1.0"),
        (lambda c: first(c).update(tau="2"), "tau is '2'"),
        (lambda c: first(c).update(threshold=None), "may lack a threshold"),
        (lambda c: first(c).update(weight=torch.zeros(3, 4, dtype=torch.float64)), "weight is float64"),
        (lambda c: first(c).update(weight=[[1.0]]), "weight is list"),
        (lambda c: first(c).update(weight=torch.zeros(3, 5)), r"hidden1: position: shape \(3, 4\)"),
        (lambda c: first(c).update(weight=torch.full((3, 4), float("nan"))), "hidden1: weight: holds NaN"),
        (lambda c: first(c).update(batch_norm=7), "batch_norm is a int"),
        (lambda c: first(c)["batch_norm"].update(gamma=torch.ones(2)), "differ in shape"),
        (lambda c: first(c)["batch_norm"].update(var=-torch.ones(3)), "var must be >= 0"),
    ],
)
def test_inconsistent_content_is_named(
    file: Path, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    content = torch.load(file, weights_only=True)
    change(content)
    torch.save(content, file)
    with pytest.raises(ModelFileError, match=words) as error:
        load_model(file)
    assert str(error.value).startswith(str(file))


@pytest.mark.filterwarnings("error")
def test_no_warning_of_torch_stands_before_the_error(tmp_path: Path) -> None:
    torch.save({"format": os.getcwd}, tmp_path / "model.pt", pickle_protocol=4)
    with pytest.raises(ModelFileError, match=r"holds Python objects, .* \('posix\.getcwd'\)$"):
        load_model(tmp_path / "model.pt")


def test_a_tensor_without_numbers_is_refused(tmp_path: Path) -> None:
    """A tensor on the device "meta" is a shape alone, and no device that it is mapped to changes that."""
    save_model(model(), tmp_path / "model.pt")
    content = torch.load(tmp_path / "model.pt", weights_only=True)
    content["layers"][0]["weight"] = torch.empty(3, 4, device="meta")
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(ModelFileError, match="is a tensor on the device 'meta', expected cpu"):
        load_model(tmp_path / "model.pt")
