"""`python -m quarterhour` is the command line."""

from quarterhour.cli import main

main()
