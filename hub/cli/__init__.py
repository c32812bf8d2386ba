"""The command line: `availability-hub`, and the same as `python -m hub`."""

from hub.cli.app import main

__all__ = ["main"]
