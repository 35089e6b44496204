"""``python -m reli.recorder``: started by Locust's process, not by people."""

import sys

from reli.recorder.process import main

sys.exit(main())
