"""Tables of text (.csv, .tsv) are refused with what makes recordings of them."""

from __future__ import annotations

REMEDY = (
    "give the times and the input lines of the events of all recordings, and the classes that are known, "
    'to snnc.from_events (docs/data.md, "A folder of files of your own"), and write an event file with '
    "snnc.trainer.data.save_events_npz"
)


def test_one_file(tmp_path, tiny_artifact, refused):
    for name in ("a.csv", "B.TSV"):
        one = tmp_path / name
        one.write_text("t,line\n1,2\n")
        said = f"{one}: a table of text, which no command reads as data; {REMEDY}"
        for command in (
            ["inspect", one],
            ["train", one],
            ["train", "digits", "--dataset", one],
            ["run", tiny_artifact, "-i", one],
            ["verify", tiny_artifact, "--dataset", "none", "-i", one],
        ):
            assert said in refused(*command)


def test_a_folder_of_them(tmp_path, tiny_artifact, refused):
    folder = tmp_path / "own"
    for name in ("left/a.csv", "right/b.csv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("t,line\n1,2\n")
    said = f"{folder}: holds no WAV file, but 2 tables of text (left/a.csv, right/b.csv); {REMEDY}"
    for command in (["train", folder], ["inspect", folder], ["encode", folder]):
        assert said in refused(*command)
    assert said in refused("run", tiny_artifact, "-i", folder)
