"""A run while it goes on: what is kept of it to be looked at, in a browser or a terminal.

Standard library only (and rich in a terminal): it lives in Locust's own process, and ``reli watch``
starts at once. Whatever is kept here has one size, however long the run.
"""
