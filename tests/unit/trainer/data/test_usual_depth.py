"""Which recordings at another depth than most are told."""

import pytest

from snnc.trainer.data.usual_depth import read_at_other_depths


@pytest.mark.parametrize(("count", "deeper", "told"), [(10, 1, True), (30, 3, True), (30, 4, False)])
def test_up_to_a_tenth_is_few(count: int, deeper: int, told: bool) -> None:
    usual = [(f"up/{number}.wav", "up", None) for number in range(count - deeper)]
    others = [(f"up/old/{number}.wav", "up", "old") for number in range(deeper)]
    found = read_at_other_depths([*usual, *others], few=True)
    assert (found is not None) == told
