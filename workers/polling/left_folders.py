"""Folders that polls fetch into, and what is left of them where a process was killed."""

import shutil
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

_PREFIX: Final = "hub-poll-"
LEFT_AFTER: Final = timedelta(days=1)
"""Longer than any poll takes with one file."""


def poll_folder() -> "tempfile.TemporaryDirectory[str]":
    """A folder for one poll, which is removed behind it."""
    return tempfile.TemporaryDirectory(prefix=_PREFIX)


def remove_left_folders() -> int:
    """Remove folders of polls that nobody uses any more; how many those were."""
    before = time.time() - LEFT_AFTER.total_seconds()
    removed = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if folder.lstat().st_mtime < before:
                # Refuses links, wherever they would lead.
                shutil.rmtree(folder)
                removed += 1
        except OSError:
            continue  # another process was first, or it is nothing of ours
    return removed
