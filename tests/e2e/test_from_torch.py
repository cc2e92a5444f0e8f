"""Three lines from a module to an artifact that all executors agree on."""

from __future__ import annotations

import pytest
import snntorch
import torch
from spikingjelly.activation_based import layer, neuron
from torch import nn
from torch_networks import Loop, events, settled

from snnc.conversion.convert import from_torch
from snnc.errors import InputError
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import export_network
from snnc.verification.verify import verify

EXECUTORS = {"c": ["hwsim", "c"], "onnx": ["hwsim", "onnxruntime"]}


class Step(nn.Module):
    """One step of a residual network."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(
            layer.Conv2d(1, 3, 3, padding=1), layer.BatchNorm2d(3), neuron.LIFNode(2.0)
        )
        self.second = nn.Sequential(layer.Conv2d(3, 3, 3, padding=1, bias=False), layer.BatchNorm2d(3))
        self.node, self.pool = neuron.LIFNode(2.0, v_reset=None), layer.AvgPool2d(2)
        self.last = nn.Sequential(nn.Flatten(), layer.Linear(27, 3), neuron.LIFNode(2.0, v_threshold=0.2))

    def forward(self, x):
        x = self.first(x)
        return self.last(self.pool(self.node(self.second(x) + x)))


def tutorial():
    return Loop(
        nn.Sequential(
            nn.Linear(8, 12),
            snntorch.Leaky(0.9, init_hidden=True),
            nn.Linear(12, 3),
            snntorch.Leaky(0.8, init_hidden=True),
        )
    )


@pytest.mark.parametrize("target", EXECUTORS)
@pytest.mark.parametrize("residual", [False, True])
def test_from_a_module_to_a_verified_artifact(residual, target, tmp_path):
    torch.manual_seed(1)
    module = settled(Loop(Step()), 1) if residual else tutorial()
    x, layout = (events(8, 3, 1, 6, 6), "TNCHW") if residual else (events(12, 3, 8), "TNC")
    converted = from_torch(module, x, dt=0.01, layout=layout)
    artifact = export_network(converted.graph, target, tmp_path / "out", name="module")
    report = verify(artifact, [], executors=EXECUTORS[target])
    assert report.trusted, report


def test_the_largest_event_is_kept(tmp_path):
    module = tutorial()
    graph = from_torch(module, 3 * events(12, 3, 8), dt=0.01).graph
    artifact = export_network(graph, "c", tmp_path / "out", name="module")
    assert artifact.graph.populations[0].payload_max == 3
    same = ExportOptions(payload_max=3)
    export_network(graph, "c", tmp_path / "out", same, name="module")
    with pytest.raises(InputError, match=r"--payload-max 2: the inputs of the network carry 1 \.\. 3"):
        export_network(graph, "c", tmp_path / "more", ExportOptions(payload_max=2), name="module")
