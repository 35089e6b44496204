"""What ``no leak in`` is asked of, what counts as a leak, and how the answer is told."""
