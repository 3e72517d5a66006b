"""`python -m cyclekit`."""

from cyclekit.cli import main

main()
