"""What tests of the recorder share."""

from support.recorders import recorders

__all__ = ["recorders"]
