"""Why an executor differs: the layer is run again under each candidate fault (`docs/diagnosis.md`)."""

from snnc.hwsim.diagnosis.catalogue import CATALOGUE, Candidate
from snnc.hwsim.diagnosis.diagnose import Previous, State, diagnose
from snnc.hwsim.diagnosis.surroundings import vicinity

__all__ = ["CATALOGUE", "Candidate", "Previous", "State", "diagnose", "vicinity"]
