"""Judge a run: read its record, find leaks, drift and broken budgets, say what can be believed.

This package never imports the runtime, so a record can be judged anywhere.
"""
