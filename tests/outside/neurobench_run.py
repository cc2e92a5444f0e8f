"""NeuroBench's own counts of a recorded run: JSON in, JSON out. It needs torch and snntorch beside it."""

import json
import sys

import torch
from neurobench.metrics.static import ConnectionSparsity, Footprint
from neurobench.metrics.workload import ActivationSparsity, SynapticOperations
from neurobench.models import TorchModel

task = json.load(sys.stdin)


class Recorded(torch.nn.Module):
    """An activation: it gives out what was recorded, whatever comes in."""

    def __init__(self, spikes):
        super().__init__()
        self.steps = iter(spikes)

    def forward(self, _):
        return next(self.steps)


class Network(torch.nn.Module):
    """A linear part and an activation a layer, and no activation after the readout."""

    def __init__(self, layers, spikes):
        super().__init__()
        self.linear = torch.nn.ModuleList()
        for weights in layers:
            weight = torch.tensor(weights, dtype=torch.float32)
            part = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=False)
            part.weight = torch.nn.Parameter(weight, requires_grad=False)
            self.linear.append(part)
        self.active = torch.nn.ModuleList(Recorded(each.unbind(1)) for each in spikes)

    def forward(self, inputs):
        for step in inputs.unbind(1):
            for index, part in enumerate(self.linear):
                step = part(step)
                if index < len(self.active):
                    step = self.active[index](step)
        return step


class Arrays(torch.nn.Module):
    """The arrays of the exported program, for the footprint."""

    def __init__(self, layers):
        super().__init__()
        for index, weights in enumerate(layers):
            shape = torch.tensor(weights).shape
            for name, size, kind in (
                ("weight", shape, torch.int8),
                ("delay", shape, torch.uint8),
                ("bias", shape[:1], torch.int16),
            ):
                self.register_buffer(f"{name}{index}", torch.zeros(size, dtype=kind))


inputs = torch.tensor(task["inputs"], dtype=torch.float32)
spikes = [torch.tensor(each, dtype=torch.float32) for each in task["spikes"]]
model = TorchModel(Network(task["layers"], spikes))
model.add_activation_module(Recorded)
model.register_hooks()
predicted = model(inputs)
data = inputs, torch.zeros(len(inputs))
found = SynapticOperations()(model, predicted, data)
found["activation_sparsity"] = ActivationSparsity()(model, predicted, data)
found["connection_sparsity"] = ConnectionSparsity()(model)
found["footprint"] = Footprint()(TorchModel(Arrays(task["layers"])))
print(json.dumps(found))
