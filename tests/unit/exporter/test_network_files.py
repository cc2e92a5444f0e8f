"""Whose network a file holds: told by its content, and by nothing that it is not."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest
from lava_dl_files import as_file, cuba, dense

from snnc.errors import InputError
from snnc.exporter.network_files import load_network
from snnc.exporter.nir.importer import ImportOptions

TOLD = ImportOptions(time_steps=5)
NETWORK = as_file([dense([[2, 4]], cuba())])


@pytest.mark.parametrize("size", [10, 200, len(NETWORK) - 1])
def test_a_file_that_is_cut_short_is_damaged_and_of_no_framework(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.net"
    with pytest.raises(InputError, match=r"a\.net: is an HDF5 file that is damaged") as caught:
        load_network(path, TOLD, content=NETWORK[:size])
    assert "NIR" not in str(caught.value)
    assert load_network(path, TOLD, content=NETWORK)


def test_hdf5_without_a_network_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["spikes/times"] = [1.0]
    with pytest.raises(InputError, match="holds no network: neither 'node', as of NIR, nor 'layer'"):
        load_network(path, TOLD)
