"""Why an executor differs: the layer is run again under each candidate fault (`docs/diagnosis.md`)."""

from snnc.verification.diagnosis.catalogue import CATALOGUE
from snnc.verification.diagnosis.context import neuron_context
from snnc.verification.diagnosis.diagnose import diagnose
from snnc.verification.diagnosis.hypothesis import Candidate
from snnc.verification.diagnosis.observed import Observed, State, run_observed
from snnc.verification.diagnosis.telling import chosen, made
from snnc.verification.diagnosis.trial import Further, Suspects

__all__ = [
    "CATALOGUE",
    "Candidate",
    "Further",
    "Observed",
    "State",
    "Suspects",
    "chosen",
    "diagnose",
    "made",
    "neuron_context",
    "run_observed",
]
