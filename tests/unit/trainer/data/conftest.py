"""What tests of folders of sound share."""

from pathlib import Path

import pytest
from wav_files import write


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    for speaker, name in enumerate(("ann", "bob", "cy")):
        for label, hertz in (("low", 300), ("high", 3000)):
            for take in range(2):
                where = tmp_path / "data" / label / name / f"{take}.wav"
                write(where, hertz + 10 * speaker + take, rate=(16_000, 44_100)[take])
    return tmp_path / "data"
