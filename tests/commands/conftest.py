"""What tests of the commands share."""

from support.recorders import recorders

__all__ = ["recorders"]
