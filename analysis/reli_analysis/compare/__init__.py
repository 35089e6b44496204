"""Is the candidate worse than the base? Runs against runs, endpoint by endpoint."""
