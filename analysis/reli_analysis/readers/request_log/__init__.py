"""Request logs of any length, one row a request: read in batches, kept as histograms.

``arrow`` reads batches of rows, a format (one file in ``readers``) says what the columns mean,
``collector`` counts them by interval and endpoint, and ``assembled`` makes the run of it. Memory
grows with intervals times endpoints, never with requests.
"""
