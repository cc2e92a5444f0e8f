"""The checker takes certificates worked out by hand, and refuses each bound that is narrower by one."""

from __future__ import annotations

import re

import pytest
from certificate_cases import CERTIFICATE_CASES, narrowed

from snnc.errors import ArtifactError
from snnc.exporter.check_ranges import check_ranges

CASES = {case.name: case for case in CERTIFICATE_CASES}


@pytest.mark.parametrize("name", CASES)
def test_by_hand(name):
    case = CASES[name]
    assert check_ranges(case.graph, case.claims) == case.fits
    for index, one in enumerate(case.claims):
        for variable, row, changed in narrowed(one, case.tight):
            claims = [*case.claims[:index], changed, *case.claims[index + 1 :]]
            step = r"\d+" if variable == "a" else row
            with pytest.raises(
                ArtifactError,
                match=re.escape(f"{one.population}, neuron 0, step ") + f"{step}: {variable} may lie in",
            ):
                check_ranges(case.graph, claims)
