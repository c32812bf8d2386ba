"""`python -m hub` is `availability-hub`."""

import sys

try:
    from hub.cli import main

    main()
except KeyboardInterrupt:
    # Interrupted while it was still loading: nothing has begun, so there is nothing to say.
    sys.exit(130)
finally:
    # An interrupt that strikes inside `exec` of a text (as dataclasses are made) leaves a mark in
    # CPython although it is caught: `python -m` would end by the signal, whatever the exit code
    # is. To evaluate another text clears the mark.
    eval("0")  # noqa: S307 - a constant
