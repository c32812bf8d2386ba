"""`python -m hub` is `availability-hub`."""

from hub.cli import main

main()
