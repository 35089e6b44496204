"""The columns of each CSV file of a record: one module a file, named as the file is."""
