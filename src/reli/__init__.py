"""Load and soak testing on Locust, with a verdict that can be trusted."""
