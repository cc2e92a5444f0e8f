"""Chains in NIR, and what they become."""

from __future__ import annotations

import io

import nir
import numpy as np
from nir_graphs import DT

from snnc.exporter.nir.importer import ImportOptions, import_nir


def array(*values):
    return np.array(values, float)


def lif(n=1, tau=0.004, r=1.0, v_leak=0.0, v_threshold=1.0, v_reset=0.0):
    values = {"tau": tau, "r": r, "v_leak": v_leak, "v_threshold": v_threshold, "v_reset": v_reset}
    return nir.LIF(**{key: np.broadcast_to(value, n).astype(float) for key, value in values.items()})


def li(n=1, tau=0.004, r=1.0, v_leak=0.0):
    return nir.LI(*(np.broadcast_to(value, n).astype(float) for value in (tau, r, v_leak)))


def content(graph: nir.NIRGraph) -> bytes:
    buffer = io.BytesIO()
    nir.write(buffer, graph)
    return buffer.getvalue()


def chain(*nodes) -> bytes:
    return content(nir.NIRGraph.from_list(*nodes))


def imported(*nodes, steps=10, dt=DT, round_delays=False, reset="zero"):
    return import_nir(chain(*nodes), "net.nir", ImportOptions(dt, steps, round_delays, reset))


def layers(*nodes, **options):
    return imported(*nodes, **options).model.layers


def graph_of(nodes: dict[str, nir.NIRNode], *edges: str) -> bytes:
    """Edges as "a>b"; one input and one output line."""
    ends = {"in": nir.Input(input_type=np.array([1])), "out": nir.Output(output_type=np.array([1]))}
    pairs = [tuple(edge.split(">")) for edge in edges]
    return content(nir.NIRGraph(nodes=ends | nodes, edges=pairs, type_check=False))
