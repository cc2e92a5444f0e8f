"""tau_m: every decay of the contract but that of a membrane that keeps all has one."""

import pytest

from snnc.targets.spinnaker.fixed.accum import ONE, divide, exponential
from snnc.targets.spinnaker.fixed.leak import time_constant


def held(tau):
    return exponential(-divide(ONE, tau))


@pytest.mark.parametrize("dv", [*range(1, 64), *range(64, 4097, 61), 4094, 4095, 4096])
def test_a_decay_of_the_contract_is_held_exactly(dv):
    assert held(time_constant(8 * (4096 - dv))) == 8 * (4096 - dv)


def test_a_membrane_that_keeps_all_leaks_the_least_that_the_board_can():
    assert (
        held(time_constant(ONE)) == 32766
    )  # there is no 32767, and with 32768 no input would have an effect


def test_a_multiple_of_a_power_of_two_is_taken_where_one_gives_the_decay():
    # 1 / 10 is about 3276: tau_m of 327651 .. 327750 have this quotient, of which 327744 = 64 · 5121.
    tau = time_constant(exponential(-3276), 6)
    assert tau % 64 == 0
    assert held(tau) == exponential(-3276)
    # tau_m of about 1.44 ms: no two of them have the same quotient.
    assert held(time_constant(16384, 6)) == 16384
