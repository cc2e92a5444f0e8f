"""The file of a sweep: its variants, seeds, folds and places, and what cannot be."""

from pathlib import Path
from typing import Any

import pytest
from places import EXAMPLES
from sweeps import BASE, FOLDS, sweep_file

from snnc.errors import ConfigError
from snnc.trainer.config import load_config
from snnc.trainer.sweep import load_sweep

pytestmark = pytest.mark.slow


def test_a_sweep_file(sweep_folder: Path) -> None:
    file = sweep_file(
        sweep_folder, "[common]\nepochs = 7\n[variants.a]\n[variants.b]\nepochs = 9\ntau = 3.0\n"
    )
    runs = load_sweep(file, sweep_folder / "out")
    assert [run.name for run in runs] == ["a-seed0", "a-seed1", "b-seed0", "b-seed1"]
    assert [run.config.epochs for run in runs] == [7, 7, 9, 9]
    assert [run.config.tau for run in runs] == [1.5, 1.5, 3.0, 3.0]
    assert {run.config.dataset for run in runs} == {str(sweep_folder / "order.npz")}
    assert runs[3].record == sweep_folder / "out" / "b-seed1.json"


def test_relative_places_count_from_the_sweep_file(
    sweep_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = 'dataset = "sub/x.npz"', 'dataset = "gsc"\ndata_dir = "d"\ncache_dir = "/c"'
    variants = f"[variants.a]\n{first}\n[variants.b]\n{second}\n"
    sweep_file(sweep_folder, variants, "[0]")
    monkeypatch.chdir(sweep_folder)
    (a, b) = load_sweep("sweep.toml", Path("out"))
    assert a.config.dataset == str(sweep_folder / "sub" / "x.npz")
    assert (b.config.dataset, b.config.data_dir, b.config.cache_dir) == ("gsc", str(sweep_folder / "d"), "/c")
    assert a.folder == sweep_folder / "out"


def test_the_examples() -> None:
    """The five models of the paper, sparse and fully connected, and the recurrent one; three seeds each."""
    runs = load_sweep(ABLATION, Path("out"))
    models = ("no-delays", "fixed-delays", "fixed-weights", "constant-sigma", "decreasing-sigma")
    names = {
        f"{model}{density}-seed{seed}" for model in models for density in ("", "-sparse") for seed in range(3)
    }
    recurrent = [run for run in runs if run.variant == "recurrent-delays"]
    assert {run.name for run in recurrent} == {f"recurrent-delays-seed{seed}" for seed in range(3)}
    for run in recurrent:
        assert (run.config.recurrence, run.config.delays_of, run.config.delays) == ("axon", "none", "learned")
        assert run.config.equal_parameters
    runs = [run for run in runs if run not in recurrent]
    assert len(runs) == 30
    assert {run.name for run in runs} == names
    assert {run.config.dataset for run in runs} == {"order"}
    for run in runs:
        assert run.config.synapses_per_neuron == (10 if run.variant.endswith("-sparse") else None)
        fields = (run.config.delays, run.config.weights, run.config.sigma_schedule)
        model = models.index(run.variant.removesuffix("-sparse"))
        assert fields == (
            ("none", "fixed", "learned", "learned", "learned")[model],
            "fixed" if model == 2 else "learned",
            "constant" if model == 3 else "decreasing",
        )
        assert run.config.equal_parameters == (model == 0)


ABLATION = EXAMPLES / "ablation.toml"


def test_folds_times_variants(sweep_folder: Path) -> None:
    file = sweep_file(sweep_folder, f"[common]\nepochs = 7\n[variants.a]\n[variants.b]\ntau = 3.0\n{FOLDS}")
    runs = load_sweep(file, sweep_folder / "out")
    names = [f"{variant}@{fold}-seed{seed}" for variant in "ab" for fold in "xy" for seed in (0, 1)]
    assert [run.name for run in runs] == names
    assert [run.config.validation_speakers for run in runs] == [(1,), (1,), (2,), (2,)] * 2
    assert [run.config.epochs for run in runs] == [7, 7, 3, 3] * 2
    assert [run.config.tau for run in runs] == [1.5] * 4 + [3.0] * 4


@pytest.mark.parametrize(
    ("variants", "common", "words"),
    [
        ("[variants.a]\nepochs = 2\n" + FOLDS, {}, "fold 'y' sets epochs, so it cannot be set in a variant"),
        ("[variants.a]\n" + FOLDS, {"epochs": 2}, "fold 'y' sets epochs, so it cannot be set for all"),
        ("[variants.a]\n[folds.x]\nseed = 2\n", {}, "fold 'x' sets seed"),
        ("[variants.a]\n[variants.a.folds]\n", {}, "variant 'a' sets folds"),
        ("[variants.a]\n[folds.'x y']\n", {}, "fold 'x y' names files"),
        ("[variants.a]\n[folds.x]\ntau = 0.5\n", {}, r"variant 'a', fold 'x': .*tau = 0\.5"),
        ("[variants.a]\n" + "".join(f"[folds.f{n}]\n" for n in range(2049)), {}, "2049 folds are 4098 runs"),
    ],
)
def test_wrong_folds(sweep_folder: Path, variants: str, common: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load_sweep(sweep_file(sweep_folder, variants), sweep_folder, common=common)


def test_the_folds_of_the_example() -> None:
    """Each speaker but 0 and 9, the test speakers, validates once a variant; no run trains or validates with
    those. The variant "first" is train.toml, the other augmented.toml.
    """
    folder = EXAMPLES / "heidelberg"
    runs = load_sweep(folder / "folds.toml", Path("out"))
    assert {run.config.test_speakers for run in runs} == {(0, 9)}
    for variant, file in (("first", "train.toml"), ("augmented", "augmented.toml")):
        of_variant = [run.config for run in runs if run.variant == variant]
        speakers = [speaker for config in of_variant for speaker in config.validation_speakers]
        assert sorted(speakers) == [1, 2, 3, 6, 7, 8, 10, 11]
        same = {"quantise_epochs": 0, "validation": "held-out", "dataset": of_variant[0].dataset}
        for config in of_variant:
            own = same | {"validation_speakers": list(config.validation_speakers)}
            assert config == load_config(folder / file, own)


def test_another_base_and_fields_for_all(sweep_folder: Path) -> None:
    file = sweep_file(sweep_folder, "[common]\nepochs = 7\n[variants.a]\n[variants.b]\ntau = 3.0\n")
    digits = load_sweep(file, sweep_folder, base="digits")
    assert {run.config.dataset for run in digits} == {"digits"}
    assert [run.config.tau for run in digits] == [2.0, 2.0, 3.0, 3.0]  # the preset's, and the variant's
    assert {run.config.epochs for run in digits} == {7}
    (sweep_folder / "sub").mkdir()
    (sweep_folder / "sub" / "other.toml").write_text(BASE.replace("kernel_size = 7", "kernel_size = 9"))
    other = load_sweep(file, sweep_folder, base=str(sweep_folder / "sub" / "other.toml"))
    assert {run.config.kernel_size for run in other} == {9}
    assert {run.config.dataset for run in other} == {str(sweep_folder / "sub" / "order.npz")}

    runs = load_sweep(file, sweep_folder, common={"hidden": [3], "epochs": 5})
    assert {(run.config.hidden, run.config.epochs) for run in runs} == {((3,), 5)}  # over the file's common
    assert [run.config.tau for run in runs] == [1.5, 1.5, 3.0, 3.0]


def test_paths_for_all_count_from_here(sweep_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (sweep_folder / "elsewhere").mkdir()
    monkeypatch.chdir(sweep_folder / "elsewhere")
    file = sweep_file(sweep_folder, "[variants.a]\n", "[0]")
    (run,) = load_sweep(file, sweep_folder, common={"dataset": "x.npz"})
    assert run.config.dataset == str(sweep_folder / "elsewhere" / "x.npz")
    (run,) = load_sweep(file, sweep_folder, common={"dataset": "digits-order-probe"})
    assert run.config.dataset == "digits-order-probe"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"common": {"tau": 2.0}}, r"sweep\.toml: variant 'b' sets tau, so it cannot be set for all"),
        ({"common": {"seed": 3}}, "common sets seed; set it in seeds instead"),
        ({"common": {"epoch": 3}}, "variant 'a': .*unknown field 'epoch'"),
        ({"common": {"hidden": []}}, r"variant 'a': .*hidden = \[\]"),
        ({"base": "none"}, r"sweep\.toml: preset 'none' does not exist"),
        ({"base": "none.toml"}, r"sweep\.toml: none.toml: no such file"),
    ],
)
def test_an_impossible_base_or_field_for_all(sweep_folder: Path, changes: dict[str, Any], words: str) -> None:
    file = sweep_file(sweep_folder, "[variants.a]\n[variants.b]\ntau = 3.0\n")
    with pytest.raises(ConfigError, match=words):
        load_sweep(file, sweep_folder, **changes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("base = 'base.toml'\nseeds = []\n[variants.a]", "seeds: tuple should have at least 1 item"),
        ("base = 'base.toml'\nseeds = [1, 1]\n[variants.a]", r"seeds are \[1, 1\]; name each once"),
        ("base = 'base.toml'\nseeds = [1]\n", "variants: field required"),
        ("base = 'base.toml'\nseeds = [1]\nvariant = 3\n[variants.a]", "variant: .*a sweep has base, seeds"),
        ("base = 'base.toml'\nseeds = [1]\n[variants.'a/b']", "variant 'a/b' names files"),
        ("base = 'base.toml'\nseeds = [1]\n[variants.a]\nseed = 3", "variant 'a' sets seed"),
        ("base = 'base.toml'\nseeds = [1]\n[variants.a]\nepoch = 3", "variant 'a': .*unknown field 'epoch'"),
        ("base = 'none'\nseeds = [1]\n[variants.a]", "preset 'none' does not exist"),
        ("base = ", "not a readable TOML file"),
        ("seeds = [1]\n[variants.a]", "names no base; add base, a preset or a TOML file, or give --base"),
    ],
)
def test_wrong_sweep_files(sweep_folder: Path, text: str, words: str) -> None:
    (sweep_folder / "sweep.toml").write_text(text)
    with pytest.raises(ConfigError, match=words):
        load_sweep(sweep_folder / "sweep.toml", sweep_folder)
    with pytest.raises(ConfigError, match="no such file"):
        load_sweep(sweep_folder / "nosuch.toml", sweep_folder)


def test_a_base_that_is_given_needs_none_in_the_file(sweep_folder: Path) -> None:
    (sweep_folder / "sweep.toml").write_text("seeds = [1]\n[variants.a]\n")
    (run,) = load_sweep(sweep_folder / "sweep.toml", sweep_folder, base="digits")
    assert run.config.seed == 1
