"""Why an executor differs: the layer is run again under each candidate fault (`docs/diagnosis.md`)."""

from snnc.hwsim.diagnosis.candidate import Candidate
from snnc.hwsim.diagnosis.catalogue import CATALOGUE
from snnc.hwsim.diagnosis.diagnose import diagnose
from snnc.hwsim.diagnosis.observed import Observed, State, run_observed
from snnc.hwsim.diagnosis.surroundings import vicinity
from snnc.hwsim.diagnosis.suspects import Further, Suspects
from snnc.hwsim.diagnosis.telling import chosen, made

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
    "run_observed",
    "vicinity",
]
