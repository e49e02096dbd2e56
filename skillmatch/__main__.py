"""``python -m skillmatch`` is the command ``skillmatch``."""

from skillmatch.cli import main

main()
