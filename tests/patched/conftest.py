"""Tests in here import Locust, which patches the process: pytest runs them apart."""

import locust  # noqa: F401 -- before anything else takes what it patches
