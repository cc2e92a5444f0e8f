"""Files that are there already where `snnc run` is to write."""

from __future__ import annotations

import numpy as np

from snnc.cli import main


def test_a_table_of_predictions_replaces_one_of_its_own_and_no_other(tiny_artifact, tmp_path, refused):
    """Also none that begins nearly as its own do."""
    np.savez(tmp_path / "s.npz", spikes=np.zeros((2, 12, 5), np.uint8))
    table = tmp_path / "out.csv"
    command = ["run", str(tiny_artifact), "-i", str(tmp_path / "s.npz"), "--predictions", str(table)]
    for text in ("site,temperature\n1,20\n", "sample,temperature\n0,20\n", "s"):
        table.write_text(text)
        assert "is there and no table of predictions; remove it or choose another name" in refused(*command)
        assert table.read_text() == text
    for header in ("sample,label,predicted,correct,remark", "sample,label,predicted,correct,score,remark"):
        table.write_text(f"{header}\n")
        assert "is there and has a column 'remark', which no table of predictions has" in refused(*command)
        assert table.read_text() == f"{header}\n"
    for before in ("", "sample,label,predicted,correct,score\n"):
        table.write_text(before)
        assert main(command) == 0
        assert [line.partition(",")[0] for line in table.read_text().splitlines()] == ["sample", "0", "1"]
