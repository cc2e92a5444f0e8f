"""Why an executor differs: the layer is run again under each candidate fault (`docs/diagnosis.md`)."""

from snnc.verification.diagnosis.catalogue import CATALOGUE
from snnc.verification.diagnosis.context import neuron_context
from snnc.verification.diagnosis.diagnose import diagnose
from snnc.verification.diagnosis.graphs import (
    GRAPH_CATALOGUE,
    GraphSuspects,
    chosen_of_graph,
    diagnose_graph,
)
from snnc.verification.diagnosis.hypothesis import Candidate
from snnc.verification.diagnosis.observed import Observed, State, run_observed
from snnc.verification.diagnosis.telling import chosen, made
from snnc.verification.diagnosis.trial import Further, Suspects

__all__ = [
    "CATALOGUE",
    "GRAPH_CATALOGUE",
    "Candidate",
    "Further",
    "GraphSuspects",
    "Observed",
    "State",
    "Suspects",
    "chosen",
    "chosen_of_graph",
    "diagnose",
    "diagnose_graph",
    "made",
    "neuron_context",
    "run_observed",
]
