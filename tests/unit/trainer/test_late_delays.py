"""Training, `check` and `verify` say which synapses never act, since they delay beyond the last step."""

from __future__ import annotations

import pytest
from graph_cases import dense, graph_of, li, lif, listed, source
from order_task import config, order_task

from snnc.cli import main
from snnc.exporter.graph_export import export_graph
from snnc.stages import Projection, QuantizedGraph
from snnc.trainer.late_delays import of_graph, of_training
from snnc.trainer.loop import train

SHORT = {"epochs": 1, "finetune_epochs": 0, "quantise_epochs": 0, "padding_steps": 0}


def graph(time_steps: int) -> QuantizedGraph:
    """Five synapses, with delays of 0, 3, 4, 9 and 4 steps."""
    hidden = listed(2, 2, (0, 0, 5, 0), (0, 1, 5, 3), (1, 0, 5, 4), (1, 1, 5, 9))
    return graph_of(
        (source("x", 2), lif("h", 2), li("y", 1)),
        (Projection("x", "h", hidden), dense("h", "y", [[7, 0]], 4)),
        time_steps,
    )


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (10, ""),
        (
            9,
            "1 of 5 synapses has a delay of 9 steps or more, up to 9, and a sample has 9 steps: it never "
            "acts; ",
        ),
        (
            4,
            "3 of 5 synapses have delays of 4 steps or more, up to 9, and a sample has 4 steps: they never"
            " act",
        ),
    ],
)
def test_synapses_of_integers_by_hand(steps: int, told: str) -> None:
    """A spike of the first step, 0, arrives in step 9 with a delay of 9: 10 steps are enough for it."""
    said = of_graph(graph(steps))
    assert said.startswith(told)
    assert bool(said) == bool(told)


def learned(**counts: list[int]) -> dict[str, object]:
    rows = {name.replace("__", " -> "): {"taps": 9, "synapses": row} for name, row in counts.items()}
    return {"delays": {"learned": rows}}


def test_what_training_records_is_counted_by_hand() -> None:
    """Of 12 synapses, 2 + 1 have a delay of 6 or more; zeros behind the longest are no delay."""
    metrics = learned(hidden1=[1, 1, 1, 1, 1, 0, 2, 0, 0], readout=[0, 0, 0, 4, 0, 0, 0, 1])
    assert of_training(metrics, 6) == (
        "3 of 12 synapses have delays of 6 steps or more, up to 7, and a sample has 6 steps: they never act; "
        "train with kernel_size <= 5 or shorter time steps"
    )
    assert of_training(metrics, 8) == ""
    assert of_training({}, 1) == ""


def test_loops_have_a_kernel_of_their_own() -> None:
    """Their delays are 1 .. recurrent_kernel_size, those of others 0 .. kernel_size - 1."""
    loop = learned(h__h=[0, 1, 1, 1, 1, 1, 1], x__h=[9])
    assert of_training(loop, 6).endswith("; train with recurrent_kernel_size <= 5 or shorter time steps")
    both = learned(h__h=[0, 0, 0, 0, 0, 0, 1], x__h=[0, 0, 0, 0, 0, 2])
    told = "; train with kernel_size <= 5 and recurrent_kernel_size <= 3 or shorter time steps"
    assert of_training(both, 5).endswith(told)


@pytest.mark.parametrize("changes", [{}, {"recurrence": "axon"}])
def test_training_says_it_at_its_end(changes: dict[str, object]) -> None:
    """Recordings of 8 steps at most (bursts begin in 0 .. 3, and 4 later), with delays up to 24."""
    said: list[str] = []
    model = train(config(**SHORT | changes | {"kernel_size": 25}), data=order_task(60), notify=said.append)
    assert model.time_steps == 8
    assert " have delays of 8 steps or more, up to 2" in said[-1]
    assert ", and a sample has 8 steps: they never act; train with " in said[-1]
    said.clear()
    train(config(**SHORT | changes | {"kernel_size": 7}), data=order_task(60), notify=said.append)
    assert not [each for each in said if "never act" in each]


def test_verify_and_check_say_it(tmp_path, capsys) -> None:
    artifact = str(export_graph(graph(4), "c", tmp_path / "net").path)
    told = (
        "note: 3 of 5 synapses have delays of 4 steps or more, up to 9, and a sample has 4 steps: they never "
        "act; give a sample more time steps, or the network shorter delays"
    )
    assert main(["check", artifact, "-t", "c"]) == 0
    assert told in capsys.readouterr().out.splitlines()
    assert main(["verify", artifact, "--executors", "oracle", "--generated", "0"]) == 0
    assert f"  {told}" in capsys.readouterr().out.splitlines()
