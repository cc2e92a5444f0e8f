"""Modules of SpikingJelly."""

from __future__ import annotations

from collections.abc import Callable

import torch
from spikingjelly.activation_based import functional, layer, neuron
from torch import nn
from torch_networks import events

from kinds.of_torch import GRID, LINE, ROW, all_steps, case
from kinds.row import BATCH, STEPS, Case, Row, compared

IF = neuron.IFNode


def linear(inputs: int, outputs: int, factor: float = 3.0) -> nn.Module:
    made = nn.Linear(inputs, outputs)
    with torch.no_grad():
        made.weight.mul_(factor)
    return made


def node(make: Callable[[], nn.Module], factor: float = 3.0) -> Callable[[], str]:
    """Neurons that hear a matrix, in a loop."""
    return compared(lambda: case(linear(8, 12, factor), make()))


def many(*make: Callable[[], nn.Module], lines: tuple[int, ...] = LINE) -> Callable[[], str]:
    """Modules that take all steps at once."""

    def module() -> nn.Module:
        found = nn.Sequential(*(each() for each in make))
        functional.set_step_mode(found, "m")
        return found

    return all_steps(module, lines)


def readout(make: Callable[[], nn.Module]) -> Callable[[], str]:
    def made() -> Case:
        return Case(
            nn.Sequential(layer.Linear(8, 5, step_mode="m"), make()),
            events(STEPS, BATCH, *LINE, share=0.4),
            (),
            "TNC",
            functional.reset_net,
        )

    return compared(made)


class Membrane(nn.Module):
    """As SNN-delays reads its last layer: neurons that cannot fire, of which v of all steps is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = layer.Linear(8, 5, step_mode="m")
        self.node = neuron.LIFNode(2.0, v_threshold=1e9, step_mode="m", store_v_seq=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.node(self.fc(x))
        return self.node.v_seq


class TimeLast(nn.Module):
    """[T, N, C] for modules that take [N, C, T]."""

    def __init__(self, inside: nn.Module) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inside(x.permute(1, 2, 0)).permute(2, 0, 1)


def _row(kind: str, made: Callable[[], str]) -> Row:
    return Row("SpikingJelly", kind, made)


ROWS = (
    _row("`IFNode`", node(IF)),
    _row("`IFNode`, `v_reset=None`", node(lambda: IF(v_reset=None))),
    _row("`IFNode`, `v_reset=-0.5`", node(lambda: IF(v_reset=-0.5))),
    _row("`LIFNode`, `decay_input=True`", node(lambda: neuron.LIFNode(2.0), 6.0)),
    _row("`LIFNode`, `decay_input=False`", node(lambda: neuron.LIFNode(2.0, decay_input=False))),
    _row("`LIFNode`, `v_reset=None`", node(lambda: neuron.LIFNode(2.0, v_reset=None), 6.0)),
    _row("`LIFNode`, `v_reset=0.25`", node(lambda: neuron.LIFNode(2.0, v_reset=0.25), 6.0)),
    _row(
        "`LIFNode` of all steps (`step_mode='m'`)",
        many(lambda: linear(8, 12, 6.0), lambda: neuron.LIFNode(2.0)),
    ),
    _row(
        "`LIFNode`, `v_threshold=1e9`, `v_seq` read",
        compared(
            lambda: Case(Membrane(), events(STEPS, BATCH, *LINE, share=0.4), (), "TNC", functional.reset_net)
        ),
    ),
    _row("`ParametricLIFNode`", node(lambda: neuron.ParametricLIFNode(2.0), 6.0)),
    _row("`CUBALIFNode`", node(lambda: neuron.CUBALIFNode(c_decay=0.5, v_decay=0.75))),
    _row("`CUBALIFNode`, `v_reset=0.25`", node(lambda: neuron.CUBALIFNode(v_reset=0.25))),
    _row(
        "`SimpleIFNode`, `SimpleLIFNode`",
        compared(
            lambda: case(
                linear(8, 12),
                neuron.SimpleIFNode(),
                linear(12, 12, 6.0),
                neuron.SimpleLIFNode(2.0, True),
                neurons=(neuron.SimpleBaseNode,),
            )
        ),
    ),
    _row("`NonSpikingIFNode`", readout(lambda: neuron.NonSpikingIFNode(None))),
    _row("`NonSpikingLIFNode`", readout(lambda: neuron.NonSpikingLIFNode(2.0, None))),
    _row("`QIFNode`", node(neuron.QIFNode)),
    _row("`EIFNode`", node(neuron.EIFNode)),
    _row("`KLIFNode`", node(neuron.KLIFNode)),
    _row("`IzhikevichNode`", node(neuron.IzhikevichNode)),
    _row("`GatedLIFNode`", node(lambda: neuron.GatedLIFNode(4))),
    _row("`PSN`", node(lambda: neuron.PSN(20))),
    _row("`LIAFNode`", node(lambda: neuron.LIAFNode(torch.relu, True))),
    _row("`TernaryIFNode`", node(neuron.TernaryIFNode)),
    _row(
        "`Linear`, `BatchNorm1d`, `Dropout` of all steps",
        many(lambda: layer.Linear(8, 12), lambda: layer.BatchNorm1d(12), lambda: layer.Dropout(0.5), IF),
    ),
    _row(
        "`Conv1d`, `AvgPool1d`, `Flatten` of all steps",
        many(
            lambda: layer.Conv1d(3, 5, 3),
            IF,
            lambda: layer.AvgPool1d(2),
            layer.Flatten,
            lambda: linear(15, 6),
            IF,
            lines=ROW,
        ),
    ),
    _row(
        "`Conv2d`, `BatchNorm2d`, `AvgPool2d` of all steps",
        many(
            lambda: layer.Conv2d(2, 4, 3),
            lambda: layer.BatchNorm2d(4),
            IF,
            lambda: layer.AvgPool2d(2),
            layer.Flatten,
            lambda: linear(16, 6),
            IF,
            lines=GRID,
        ),
    ),
    _row(
        "`MaxPool2d` of all steps",
        many(lambda: layer.Conv2d(2, 4, 3), IF, lambda: layer.MaxPool2d(2), IF, lines=GRID),
    ),
    _row(
        "`AdaptiveAvgPool2d` of all steps",
        many(lambda: layer.Conv2d(2, 4, 3), IF, lambda: layer.AdaptiveAvgPool2d(1), IF, lines=GRID),
    ),
    _row(
        "`SeqToANNContainer`, `MultiStepContainer`",
        all_steps(
            lambda: nn.Sequential(
                layer.SeqToANNContainer(nn.Conv2d(2, 4, 3), nn.AvgPool2d(2)),
                layer.MultiStepContainer(IF(v_threshold=0.2)),
            ),
            GRID,
        ),
    ),
    _row("`StepModeContainer`", all_steps(lambda: layer.StepModeContainer(True, "m", IF()))),
    _row(
        "`TLastMultiStepContainer`",
        all_steps(lambda: TimeLast(layer.TLastMultiStepContainer(linear(8, 12), IF()))),
    ),
    _row(
        "`VotingLayer`",
        compared(lambda: case(linear(8, 12), IF(), layer.VotingLayer(3), IF(v_threshold=0.5))),
    ),
    _row(
        "`LinearRecurrentContainer`",
        compared(lambda: case(linear(8, 12), layer.LinearRecurrentContainer(IF(), 12, 12))),
    ),
    _row(
        "`ElementWiseRecurrentContainer`",
        compared(lambda: case(linear(8, 12), layer.ElementWiseRecurrentContainer(IF(), torch.add))),
    ),
    _row("`Delay`", many(lambda: layer.Delay(3), lambda: linear(8, 12), IF)),
    _row("`SynapseFilter`", node(lambda: nn.Sequential(layer.SynapseFilter(), IF()))),
    _row(
        "`NeuNorm`",
        compared(
            lambda: case(nn.Conv2d(2, 4, 3), IF(v_threshold=0.3), layer.NeuNorm(4, 4, 4), IF(), lines=GRID)
        ),
    ),
    _row(
        "`ThresholdDependentBatchNorm1d`",
        many(lambda: linear(8, 12), lambda: layer.ThresholdDependentBatchNorm1d(1.0, 1.0, 12), IF),
    ),
)
