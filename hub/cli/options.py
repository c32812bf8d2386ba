"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

DataDir = Annotated[
    Path | None, typer.Option(help="Folder of the embedded database (HUB_DATA_DIR).")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Most = Annotated[int, typer.Option("--most", min=1, max=1_000, help="How many at most.")]
File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file to read.")
]
