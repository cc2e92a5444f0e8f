"""The checker takes certificates worked out by hand, and refuses each bound that is narrower by one."""

from __future__ import annotations

import re

import pytest
from adaptation_certificates import ADAPTATION_CERTIFICATES
from certificate_cases import CERTIFICATE_CASES, HALF, claim, narrowed
from graph_cases import FORGET, adlif, dense, graph_of, li, source

from snnc.errors import ArtifactError
from snnc.exporter.ranges.check import check_ranges

CASES = {case.name: case for case in CERTIFICATE_CASES + ADAPTATION_CERTIFICATES}


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


@pytest.mark.parametrize(
    ("rows", "w", "reached"),
    [(1, [(0, 0)], "-50..-50"), (2, [(0, 0), (-50, -50)], "0..0"), (2, [(0, 0), (-50, 0)], None)],
)
def test_a_last_row_leads_to_itself_before_and_after_the_end(rows, w, reached):
    """The neuron spikes in step 0, its last, so w is -50 in step 1 and 0 from step 2 on; v does not get w."""
    of = adlif(kb=-50, decay_w=FORGET, bias_mant=100, reset="none", order="old", end=1)
    graph = graph_of([source(), of], [dense("x", "h", [[0]])], 9)
    v = [(100, 150)] * rows
    forms = [(100, 150), (50, 150)][:rows]
    claims = [claim("h", (0, 0), [(0, 0)] * rows, v, w, [((1, 1), forms), ((-1, 1), [(-200, 0)] * rows)])]
    if reached is None:
        assert check_ranges(graph, claims)
        return
    with pytest.raises(ArtifactError, match=f"neuron 0, step 8: w may lie in {reached}, "):
        check_ranges(graph, claims)


@pytest.mark.parametrize(
    ("end", "delay", "most", "step"),
    [
        (5, 0, 383, 8),  # 191 + 192 is no more, so it stays; what 382 leads to is refused below
        (2, 1, 383, 8),  # nothing arrives in step 0, which is row 0, but in steps 1 and 2
        (1, 6, 383, 8),  # only in step 6
    ],
)
def test_a_last_row_holds_whatever_arrives_later(end, delay, most, step):
    """Half of u is kept and 192 added while the input arrives; one row stands for all steps."""
    y = li(decay_u=HALF, decay_v=FORGET)
    graph = graph_of([source(end=end), y], [dense("x", "y", [[3]], delay)], 9)
    assert check_ranges(graph, [claim("y", (0, 3), [(0, most)], [(0, most)])])
    with pytest.raises(ArtifactError, match=f"step {step}: u may lie in 0..383, the certificate says 0..382"):
        check_ranges(graph, [claim("y", (0, 3), [(0, most - 1)], [(0, most)])])


@pytest.mark.parametrize("variable", ["v", "w"])
@pytest.mark.parametrize(
    ("ends", "fits"), [((1 - 2**23, 2**23 - 1), True), ((-(2**23), 0), False), ((0, 2**23), False)]
)
def test_the_limits_of_v_and_w(variable, ends, fits):
    """Nothing happens, and the claim is as wide as the format, or wider by one."""
    of, anything = adlif(threshold=1), [(-(2**24), 2**24)]
    states = {"v": [(0, 0)], "w": [(0, 0)]} | {variable: [ends]}
    claims = [claim("h", (0, 0), [(0, 0)], **states, mixed=[((1, 1), anything), ((-1, 1), anything)])]
    assert check_ranges(graph_of([source(), of], [dense("x", "h", [[0]])], 1), claims) == fits


def test_forms_that_go_round_once_more():
    """Each is less than half a turn after the one before, but those before w make a whole turn and more."""
    forms = [(-1, 1), (-1, -1), (1, -1), (-1, 2), (-1, 1), (-2, 1)]
    claims = [claim("h", (0, 0), *[[(0, 0)]] * 3, [(form, [(0, 0)]) for form in forms])]
    graph = graph_of([source(), adlif()], [dense("x", "h", [[0]])], 1)
    with pytest.raises(
        ArtifactError, match=re.escape("h, neuron 0: the form -1*v + -1*w of the certificate")
    ):
        check_ranges(graph, claims)
