"""A name that nobody knows is told with the one that was meant, for every class of names."""

from __future__ import annotations

import pytest
from models import saved, tiny_model


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("train digits --set hiden=[8]", "unknown field 'hiden' (did you mean 'hidden'?)"),
        ("train digts", "'digts' does not exist (did you mean 'digits'?)"),
        ("export MODEL -t loih", "target 'loih' is unknown (did you mean 'loihi'?)"),
        ("export MODEL -t fpga --board ulx3", "--board 'ulx3': unknown (did you mean 'ulx3s'?)"),
        ("export MODEL --scale percentilee", "--scale percentilee: unknown (did you mean 'percentile'?)"),
        ("export MODEL --prune-by magnitud", "no such rule (did you mean 'magnitude'?)"),
        ("export MODEL --dump-after quantize", "no such pass (did you mean 'quantise'?)"),
        ("export MODEL --checkpoint snn-delay", "are not known (did you mean 'snn-delays'?)"),
        ("test MODEL --split tets", "split 'tets' is unknown (did you mean 'test'?)"),
        ("verify ARTIFACT --dataset none --executors oracl", "(did you mean 'oracle'?)"),
        ("verify ARTIFACT --dataset none --layers hiden1", "(did you mean 'hidden1'?)"),
        ("run ARTIFACT -i ARTIFACT/golden.npz -e hwsmi", "(did you mean 'hwsim'?)"),
        ("run ARTIFACT -i ARTIFACT/golden.npz -e fpga", "executor 'fpga' is unknown (did you mean 'rtl'?)"),
        (
            "verify ARTIFACT --dataset none --executors c,loihi",
            "executor 'loihi' is unknown (did you mean 'lava'?)",
        ),
        ("chip ARTIFACT -i ARTIFACT/golden.npz --costs loihi11", "(did you mean 'loihi1'?)"),
        ("targets truenort", "target 'truenort' is unknown (did you mean 'truenorth'?)"),
    ],
)
def test_what_was_meant(arguments: str, said: str, refused, tmp_path, tiny_artifact) -> None:
    model = str(saved(tiny_model(), tmp_path))
    words = arguments.replace("MODEL", model).replace("ARTIFACT", str(tiny_artifact)).split()
    assert said in refused(*words)
