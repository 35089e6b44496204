"""A profile: the YAML that says what a run does, what must hold, and what is watched."""

from reli.profile.levels import parse_rate_per_s
from reli.profile.load import check_time_scale, load_profile
from reli.profile.profile import Profile, SamplingPlan

__all__ = ["Profile", "SamplingPlan", "check_time_scale", "load_profile", "parse_rate_per_s"]
