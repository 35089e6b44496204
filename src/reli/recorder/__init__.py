"""The process that owns the run record: it samples, writes, and outlives Locust.

Locust's master (or its single process) starts it and hands over each closed interval as one line
of JSON. It imports neither Locust nor gevent nor numpy, so that it stays small and awake.
"""
