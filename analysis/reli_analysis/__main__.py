"""``python -m reli_analysis``: the same as ``reli-analyze``."""

from reli_analysis.cli import main

if __name__ == "__main__":
    main()
