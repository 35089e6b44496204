"""Does something grow? How fast, how sure that is, and since when."""
