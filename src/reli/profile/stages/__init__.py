"""The kinds of stages: one file each, put together in ``stage``."""

from reli.profile.stages.base import Leg, Scale
from reli.profile.stages.stage import KINDS, Stage, say_stages, unroll
from reli.profile.stages.words import Words, format_rate, format_users

__all__ = [
    "KINDS",
    "Leg",
    "Scale",
    "Stage",
    "Words",
    "format_rate",
    "format_users",
    "say_stages",
    "unroll",
]
