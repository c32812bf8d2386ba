"""What a killed process leaves behind in the temporary folder goes, and nothing else."""

import os
import tempfile
import time
from pathlib import Path

import pytest

from workers.polling.left_folders import LEFT_AFTER, poll_folder, remove_left_folders


def test_only_folders_of_polls_that_are_old_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    long_ago = time.time() - LEFT_AFTER.total_seconds() - 60
    others = tmp_path / "others"
    for folder in (others, tmp_path / "hub-poll-left"):
        folder.mkdir()
        (folder / "stock.csv").write_text("sku")
        os.utime(folder, (long_ago, long_ago))
    link = tmp_path / "hub-poll-link"
    link.symlink_to(others)
    os.utime(link, (long_ago, long_ago), follow_symlinks=False)
    with poll_folder() as used:
        assert remove_left_folders() == 1
        assert {path.name for path in tmp_path.iterdir()} == {"others", link.name, Path(used).name}
    assert (others / "stock.csv").exists()
