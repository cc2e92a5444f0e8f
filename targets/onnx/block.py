"""Parts of an ONNX graph: named values, and nodes and constants in the order in which they were made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto, ValueInfoProto

BATCH = "batch"
"""The dimension that may have any size."""


@dataclass(frozen=True, slots=True)
class Array:
    """A value with its element type, a name of `onnx.TensorProto`, and its shape."""

    name: str
    kind: str
    shape: tuple[int | str, ...]

    def info(self, suffix: str = "") -> ValueInfoProto:
        from onnx import TensorProto, helper

        return helper.make_tensor_value_info(self.name + suffix, getattr(TensorProto, self.kind), self.shape)


class Block:
    """Nodes and constants; each node bears the name of what it computes."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def __call__(self, operator: str, *inputs: str, name: str, **attributes: Any) -> str:
        """Add a node and return its name."""
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def cast(self, value: str, kind: str, name: str) -> str:
        """Add a cast to the element type `kind` and return its name."""
        from onnx import TensorProto

        return self("Cast", value, name=name, to=getattr(TensorProto, kind))

    def constant(self, name: str, value: npt.ArrayLike, dtype: npt.DTypeLike = np.int64) -> str:
        """Add a constant array and return its name."""
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.array(value, dtype), name))
        return name

    @property
    def taken(self) -> list[TensorProto]:
        """The constants that a node takes: onnxruntime warns of each other one in a file."""
        names = {name for node in self.nodes for name in node.input}
        return [each for each in self.constants if each.name in names]

    def each(self, name: str, values: npt.NDArray[Any]) -> str:
        """Add a constant [neurons, 1], or one number if all are equal, and return its name."""
        return self.constant(name, values[0] if (values == values[0]).all() else values[:, None])


class Step(Block):
    """One time step: a block that carries `states` on, and records what lies in `records`."""

    def __init__(self) -> None:
        super().__init__()
        self.states: list[Array] = []
        self.records: list[Array] = []
