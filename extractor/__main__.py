"""`python -m extractor` is the command `prescreen`."""

from extractor.cli.app import main

main()
