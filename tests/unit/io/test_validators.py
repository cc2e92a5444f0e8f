"""What checks values of a type is made once."""

import pydantic
import pytest
from report_examples import equal

from snnc.io.validators import validator
from snnc.report.html_report import to_html


def test_it_checks_and_is_the_same_each_time():
    assert validator(list[int]).validate_python([1, 2]) == [1, 2]
    with pytest.raises(pydantic.ValidationError):
        validator(list[int]).validate_python([1, "two"])
    assert validator(list[int]) is validator(list[int])
    assert validator(list[int]) is not validator(list[str])


def test_a_second_page_makes_none(monkeypatch):
    first = to_html(equal())
    monkeypatch.setattr(pydantic, "TypeAdapter", lambda kind: pytest.fail(f"made again for {kind}"))
    assert to_html(equal()) == first
