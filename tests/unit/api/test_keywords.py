"""Slips in a call of `from_torch` are told with what was meant, and how to write it."""

from __future__ import annotations

import inspect
import warnings

import numpy as np
import pytest
import snntorch
import torch
from torch import nn
from torch_networks import Loop

import snnc
from snnc.errors import InputError

X = torch.ones(5, 2, 3)


def module():
    torch.manual_seed(1)
    return Loop(nn.Sequential(nn.Linear(3, 4), snntorch.Leaky(0.9, init_hidden=True)))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"layouts": "TNC"},
            r"^from_torch: has no argument 'layouts' \(did you mean 'layout'\?\), only module",
        ),
        ({"batch_first": True}, r"^from_torch: has no argument 'batch_first', only .*\nPass layout='NTC'"),
        ({"time_steps": 5}, r"\nThe example decides how many steps the network has"),
        (
            {"readout": "out"},
            r"^from_torch: has no argument 'readout', only .*\nAn export has all readouts: predict and .*"
            r"a module that returns that output alone \(docs/from_torch\.md, 'Several outputs'\)$",
        ),
        ({"readouts": ["out"]}, r"^from_torch: has no argument 'readouts', only .*\n.* predict and fine"),
        ({"labels": [0, 1]}, r"has no argument 'labels', only .*\nverify takes labels, .* are classes$"),
        ({"target": "c"}, r"has no argument 'target', only .*\nexport takes the target: network\.export\("),
        ({"device": "cuda"}, r"has no argument 'device', only .*\ntrain alone takes a device"),
        ({"samples": X}, r"has no argument 'samples' \(did you mean 'example'\?\)"),
        ({"data": X}, r"has no argument 'data', only [^\n]*$"),
        ({"num_classes": 3}, r"has no argument 'num_classes' \(did you mean 'classes'\?\)"),
        ({"name": 3}, r"^name: is 3; give a text$"),
        ({"verbose": "no"}, r"^verbose: is 'no'; give True or False$"),
        ({"module": 1}, r"^from_torch: module is given twice"),
        ({"dt": "1e-3"}, r"^dt is '1e-3', expected seconds a step, above 0\nGive it as a number: dt=1e-3$"),
    ],
)
def test_arguments_by_name(given, said):
    with pytest.raises(InputError, match=said):
        snnc.from_torch(module(), X, **{"dt": 1e-3, **given})


def test_arguments_by_their_place():
    with pytest.raises(
        InputError, match=r"^from_torch: 3 arguments have no name, it takes module and example"
    ):
        snnc.from_torch(module(), X, 1e-3)
    with pytest.raises(InputError, match=r"^from_torch: dt is missing\nGive the seconds a step, as dt=1e-3$"):
        snnc.from_torch(module(), X)
    with pytest.raises(InputError, match=r"^from_torch: module, example, dt are missing\nGive the module"):
        snnc.from_torch()


@pytest.mark.parametrize(
    ("example", "said"),
    [
        (list(X), r"\nMake one tensor of them: torch\.stack\(list\)"),
        ([X, X[:3]], r"\nMake one tensor of them"),
        ([X.numpy(), X[:3].numpy()], r"\nMake one tensor of them"),
        ((X, torch.ones(2)), r"\nGive the tensor of events alone, without labels"),
        ({"x": X}, r"\nGive the tensor of events alone"),
        ([(X, 1)], r"\nGive the tensor of events alone"),
        ("x.npy", r"\nA path is no example: load the file"),
        ((5, 2, 3), r"\nIt looks like a shape: give events, as \(torch\.rand\(5, 2, 3\) < 0\.3\)\.float\(\)"),
    ],
)
def test_examples_that_are_no_tensor(example, said):
    with pytest.raises(InputError, match=r"^the example is .*, expected a tensor.*" + said):
        snnc.from_torch(module(), example, dt=1e-3)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([module(), module()], r"^module is a list, .*\nMake one module of them: nn\.Sequential"),
        (module().forward, r"^module is a method, .*\nMake it the forward of a torch\.nn\.Module"),
        (X, r"^module is a Tensor, .*\nThe module comes first, then the example"),
    ],
)
def test_what_is_no_module(given, said):
    with pytest.raises(InputError, match=said):
        snnc.from_torch(given, X, dt=1e-3)


def test_lists_of_arrays_and_numbers_of_numpy_are_taken():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = snnc.from_torch(module(), list(X.numpy()), dt=np.float32(1e-3), verbose=False)
    assert found.model.time_steps == 5
    assert np.isclose(found.model.bin_s, 1e-3)


@pytest.fixture(scope="module")
def network():
    return snnc.from_torch(module(), X, dt=1e-3, verbose=False)


@pytest.fixture(scope="module")
def exported(network, tmp_path_factory):
    return network.export("c", tmp_path_factory.mktemp("keywords") / "net.c", verbose=False)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda n, e: n.export("c", "x.c", weightbits=4),
            r"^export: has no argument 'weightbits' \(did you mean 'weight_bits'\?\), only target, path",
        ),
        (
            lambda n, e: n.export("c", "x.c", bits=4),
            r"^export: has no argument 'bits' \(did you mean 'weight_bits'\?\)",
        ),
        (
            lambda n, e: n.export("c", "x.c", readout="out"),
            r"^export: has no argument 'readout', only .*\nAn export has all readouts: predict and finetune",
        ),
        (lambda n, e: n.export("c", "x.c", samples=X), r"'samples' \(did you mean 'data'\?\), only target"),
        (lambda n, e: n.export("c", "x.c", dt=1e-3), r"'dt', only .*\nfrom_torch, from_arrays and load take"),
        (lambda n, e: n.export("c", "x.c", delays=3), r"'delays', only .*\nThe delays are those of the"),
        (lambda n, e: n.export("c", "x.c", num_steps=5), r"'num_steps', only .*\nThe example of from_to"),
        (lambda n, e: n.export("c", "x.c", batch_size=5), r"'batch_size', only .*\ntrain and finetune"),
        (lambda n, e: n.export("c", "x.c", lanes=4), r"'lanes', only .*\nIt is a setting of the target, as"),
        (lambda n, e: n.export("c", "x.c", device="cuda"), r"'device', only .*\ntrain alone takes a device"),
        (lambda n, e: n.export("c", "x.c", y=[0]), r"'y', only [^\n]*$"),
        (lambda n, e: e.verify(X, y=[0]), r"'y' \(did you mean 'labels'\?\)"),
        (lambda n, e: e.verify(X, sample=4), r"^verify: .* 'sample' \(did you mean 'samples'\?\), only x,"),
        (lambda n, e: e.predict(sample=X), r"^predict: .* 'sample' \(did you mean 'x'\?\), only x,"),
        (lambda n, e: e.predict(X, executors="c"), r"'executors' \(did you mean 'executor'\?\), only x,"),
        (lambda n, e: e.verify(dt=1e-3), r"'dt', only .*\nfrom_torch"),
        (lambda n, e: e.predict(X, report="r.html"), r"'report', only [^\n]*$"),
        (lambda n, e: snnc.load("x", num_steps=5), r"'num_steps' \(did you mean 'time_steps'\?\)"),
        (lambda n, e: n.export("c"), r"^export: path is missing\nGive a path$"),
        (lambda n, e: n.export(), r"^export: target, path are missing\nGive the target, as 'c'; a path$"),
        (
            lambda n, e: n.export("c", "x.c", 4),
            r"^export: 3 arguments have no name, it takes target and path so\nGive the others by name: weig",
        ),
        (
            lambda n, e: n.save("x", force=True),
            r"^save: .* 'force' \(did you mean 'overwrite'\?\), only path, overwrite$",
        ),
        (
            lambda n, e: e.verify(X, readout="out"),
            r"^verify: has no argument 'readout', only .*\n.* for verify, give from_torch a module that",
        ),
        (lambda n, e: e.predict(X, labels=[0]), r"^predict: .* 'labels', only .*\nverify takes labels"),
        (
            lambda n, e: e.verify(X, label=[0, 1]),
            r"^verify: has no argument 'label' \(did you mean 'labels'\?\), only x, executors, labels",
        ),
        (lambda n, e: e.predict(X, bits=4), r"^predict: has no argument 'bits', only x, executor, readout"),
        (lambda n, e: e.run(x=X, executer="c"), r"^run: .* \(did you mean 'executor'\?\)"),
        (lambda n, e: e.run(), r"^run: x is missing\nGive samples, \[N, T, lines\]$"),
        (
            lambda n, e: e.plot_weights(layers="a"),
            r"^plot_weights: .* \(did you mean 'layer'\?\), only layer$",
        ),
        (lambda n, e: e.plot_weights().save("p", over=1), r"^save: has no argument 'over'"),
        (
            lambda n, e: e.run(X, layout="TNC").classes(readouts="out"),
            r"^classes: .* \(did you mean 'readout'\?\), only readout$",
        ),
        (
            lambda n, e: snnc.finetune(n, X, target="c", bits=4),
            r"^finetune: has no argument 'bits' \(did you mean 'weight_bits'\?\), only net, data, labels",
        ),
        (lambda n, e: snnc.finetune(n, X), r"^finetune: target is missing\nGive the target, as 'c'$"),
        (
            lambda n, e: snnc.load("x", time_step=5),
            r"^load: .* \(did you mean 'time_steps'\?\), only path, dt",
        ),
        (
            lambda n, e: snnc.train(epochs=3),
            r"^train: data is missing\nGive recordings, or their name or path$",
        ),
        (lambda n, e: snnc.from_checkpoint("delrec", loss="sum"), r"^from_checkpoint: path is missing"),
    ],
)
def test_arguments_of_other_functions_and_methods(call, said, network, exported):
    with pytest.raises(snnc.SnncError, match=said):
        call(network, exported)


def test_signatures_and_docstrings_stay_those_of_the_functions():
    found = inspect.signature(snnc.Exported.verify)
    assert [*found.parameters][:4] == ["self", "x", "executors", "labels"]
    assert found.parameters["generated"].default == 16
    assert found.return_annotation == "Verified"
    assert (snnc.Network.export.__doc__ or "").startswith("Quantise the network, write it")
