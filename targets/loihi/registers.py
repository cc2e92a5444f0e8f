"""`program.npz`: the network as Lava's registers.

`program.npz` holds `n_layers`, `T`, `payload_max`, `readout_scale`, `class_names`, the `graph_hash` and
`semantics_version` of the manifest, which go into traces, and for layer l
`weight_l` int8 and `delay_l` uint8 [neurons, inputs], `bias_mant_l` int16 [neurons], `bias_exp_l`, `du_l`,
`dv_l`, `vth_l`. Lava adds 1 to du, so `du_l` is the contract's `du` less 1.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from snnc.errors import ExecutorError
from snnc.provenance import graph_hash, semantics_version
from snnc.stages import QuantizedGraph
from snnc.stages.trace import Fact

READOUT_VTH = 1 << 17
"""Threshold of the readout: `vth << 6` is 2**23, which v never exceeds (clause 5), so it never spikes.

It is one more than 17 bits hold. 131071 would spike at the very top of v's range.
"""


FACTS = {
    **{name: name for name in ("graph_hash", "semantics_version", "payload_max", "readout_scale")},
    **{"n_layers": "layers", "T": "time_steps"},
}
"""Name in `program.npz` -> name of what it tells, in `Answer.facts`."""


def pack(graph: QuantizedGraph) -> bytes:
    """`program.npz`."""
    arrays: dict[str, npt.ArrayLike] = {
        "n_layers": np.int32(len(graph.layers)),
        "T": np.int32(graph.time_steps),
        "payload_max": np.int32(graph.payload_max),
        "readout_scale": np.float64(graph.readout_scale),
        "class_names": np.array(graph.class_names, dtype=np.str_),
        "graph_hash": np.str_(graph_hash(graph)),
        "semantics_version": np.int32(semantics_version(graph)),
    }
    for index, layer in enumerate(graph.layers):
        registers: Mapping[str, npt.ArrayLike] = {
            "weight": layer.weight.astype(np.int8),
            # Without a weight there is no synapse; its delay must not lengthen the buffers.
            "delay": np.where(layer.weight != 0, layer.delay, 0).astype(np.uint8),
            "bias_mant": layer.bias_mant.astype(np.int16),
            "bias_exp": np.int32(layer.bias_exp),
            "du": np.int32(layer.decay_u - 1),
            "dv": np.int32(layer.decay_v),
            "vth": np.int32(READOUT_VTH if layer.threshold is None else layer.threshold),
        }
        arrays |= {f"{name}_{index}": value for name, value in registers.items()}
    buffer = io.BytesIO()
    # Not packed: these bytes are compared with those of a later export, where zlib may be another.
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def facts(program: bytes) -> dict[str, Fact]:
    """What `program.npz` tells of the network beside its layers.

    Raises
    ------
    ExecutorError
        If it is no such file.
    """
    try:
        with np.load(io.BytesIO(program), allow_pickle=False) as file:
            return {told: file[name].item() for name, told in FACTS.items()}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ExecutorError(f"program.npz: does not describe the network ({error})") from error
