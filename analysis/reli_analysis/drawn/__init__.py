"""What the charts of a report show, as numbers: computed here, drawn by ``report``."""
