"""Versions in a record."""

import numpy as np
import pytest

from snnc import provenance


def test_versions_are_read_once(monkeypatch):
    first = provenance.versions("numpy", "no-such-package")
    assert first.keys() == {"python", "numpy", "no-such-package"}
    assert (first["numpy"], first["no-such-package"]) == (np.__version__, "not installed")
    monkeypatch.setattr(provenance, "version", lambda name: pytest.fail(f"{name} is read again"))
    assert provenance.versions("numpy")["numpy"] == np.__version__


def test_what_is_installed_later_is_found(monkeypatch):
    assert provenance.versions("no-such-package")["no-such-package"] == "not installed"
    monkeypatch.setattr(provenance, "version", lambda name: "1.2")
    assert provenance.versions("no-such-package")["no-such-package"] == "1.2"
    provenance._installed.cache_clear()
