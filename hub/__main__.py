"""`python -m hub` is `availability-hub`."""

import sys

try:
    from hub.cli import main

    main()
except KeyboardInterrupt:
    # Interrupted while it was still loading: nothing has begun, so there is nothing to say.
    sys.exit(130)
