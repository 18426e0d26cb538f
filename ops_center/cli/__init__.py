"""The command line: ``run.py`` is only its caller. Each file holds the commands of one subject."""
