"""Run the city operations center: ``python run.py --help``."""

from ops_center.cli.main import main

if __name__ == "__main__":
    main()
