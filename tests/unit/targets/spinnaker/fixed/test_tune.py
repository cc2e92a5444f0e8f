"""Settings as text, and what an export finds on recordings."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from golden import artifact_of
from graph_cases import dense, graph_of, li, lif, source

from snnc.errors import InputError, LimitError
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import QuantizedGraph
from snnc.targets.spinnaker.fixed.choose import choose, usual
from snnc.targets.spinnaker.fixed.setting import Setting
from snnc.targets.spinnaker.fixed.stored import SETTINGS, configure, read, settings_of, spelled
from snnc.targets.spinnaker.fixed.tune import UNMEASURED, describe, tune


def network(neurons: int = 3) -> QuantizedGraph:
    rng = np.random.default_rng(2)
    return graph_of(
        [
            source(neurons=4),
            lif(neurons=neurons, decay_v=1024, threshold=12),
            li(neurons=2, decay_v=512),
        ],
        [
            dense("x", "h", rng.integers(-9, 10, (neurons, 4))),
            dense("h", "y", rng.integers(-9, 10, (2, neurons)), 2),
        ],
        25,
    )


def recordings(count: int) -> np.ndarray:
    return (np.random.default_rng(1).random((count, 25, 4)) < 0.4).astype(np.uint8)


def tuned(graph: QuantizedGraph, count: int, chosen=SETTINGS):
    said: list[str] = []
    ran: list[int] = []

    def run(spikes):
        ran.append(len(spikes))
        return OracleExecutor().run(artifact_of(graph), spikes)

    return tune(graph, chosen, recordings(count), run, said.append), said, ran


def test_settings_are_written_and_read() -> None:
    given = {"h": Setting(0, None, 1 - 1 / 8192), "y": Setting(3, -2, 0.0)}
    text = spelled(network(), given)
    assert text == "0/none/0.9998779296875,3/-2/0.0"
    assert read(text) == (given["h"], given["y"])
    assert settings_of(network(), {"scales": text}) == given
    assert settings_of(network(), {}) == settings_of(network(), SETTINGS) == usual(network())


HOSTILE = [
    "",
    "0/0",
    "0/0/nan",
    "0/0/2",
    "32/0/0",
    "-1/0/0",
    "0/1e9/0",
    "0/0/0,",
    "0/0/0" * 2000,
    7,
    None,
    [1],
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_is_none_is_refused(text: object) -> None:
    with pytest.raises(InputError, match=r"scales .*: give usual, or quantum/gain/correction"):
        configure({"scales": text})  # type: ignore[dict-item]


def test_settings_that_do_not_fit_the_network_are_refused() -> None:
    with pytest.raises(LimitError, match="are those of 1 populations, the network has 2 that are no inputs"):
        settings_of(network(), {"scales": "0/0/0"})
    with pytest.raises(
        LimitError, match="h: with the gain 40 V may need more than 32 bits, the largest gain"
    ):
        settings_of(network(), {"scales": "0/40/0,0/0/0"})
    with pytest.raises(InputError, match=r"has no setting 'scale' .did you mean 'scales'.., only scales"):
        configure({"scale": 3})


def test_settings_are_chosen_on_some_and_measured_on_others() -> None:
    graph = network()
    found, said, ran = tuned(graph, 24)
    assert ran == [10, 14]
    first = np.arange(24)[::2][:10]
    right = choose(
        graph, recordings(24)[first], OracleExecutor().run(artifact_of(graph), recordings(24)[first]).layers
    )
    assert found.settings == {"scales": spelled(graph, right.settings)}
    record = json.loads(json.dumps(found.record))
    assert (record["chosen_on"], record["measured_on"], record["apart"]) == (10, 14, True)
    assert record["populations"]["h"]["spikes"] > 0
    assert [line.partition(":")[0] for line in said] == [
        "scales of h on a board",
        "scales of y on a board",
        "what the board loses, on 14 recordings",
    ]
    assert tuned(graph, 24)[0] == found


def test_settings_of_a_user_are_kept_and_measured() -> None:
    found, _, ran = tuned(network(), 24, {"scales": "0/2/0,0/2/0"})
    assert (found.settings, ran) == ({}, [24])
    assert (found.record["chosen_on"], found.record["measured_on"]) == (0, 24)


def test_one_recording_is_both_and_a_large_network_is_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _, ran = tuned(network(), 1)
    assert (ran, found.record["apart"]) == ([1, 1], False)
    monkeypatch.setattr("snnc.targets.spinnaker.fixed.tune.NEURON", 1.0)
    found, said, ran = tuned(network(), 24)
    assert (found.settings, found.record, said, ran) == ({}, {"chosen_on": 0, "measured_on": 0}, [], [])


def test_what_is_said_of_an_export() -> None:
    artifact = artifact_of(network())
    assert list(describe(artifact)) == [UNMEASURED]
    found, _, _ = tuned(network(), 24)
    record = {**found.record, "first": ["h", 2, 7, 1], "classes": {"y": 13}}
    record["populations"] = {
        "h": {
            **record["populations"]["h"],
            "spikes": 90,
            "on_board": 100,
            "common": 90,
            "weights_rounded": 3,
        },
        "y": {**record["populations"]["y"], "saturated": 2},
    }
    manifest = {"settings": found.settings, "tuned": {"settings": ["scales"], "record": record}}
    lines = list(describe(replace(artifact, manifest=manifest)))
    assert lines == [
        f"board: scales {found.settings['scales']} (chosen on 10 recordings)",
        "board: h keeps 90 of 100 spikes (90.00 %) on 14 other recordings, in its arithmetic",
        "board: h: 3 weights are rounded",
        "board: y: 2 sums saturated",
        "board: classes of y equal in 13 of 14 recordings",
        "board: first another spike: recording 2, step 7, neuron 1 of h",
        "board: none was run; it is never bit-exact",
    ]
