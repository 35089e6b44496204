"""Does something grow? A robust slope with its uncertainty, and what it says about a leak."""

from reli_analysis.trends.answer import Answer, Growth, answer
from reli_analysis.trends.lives import Life, longest_life
from reli_analysis.trends.trend import TooShort, Trend, trend

__all__ = ["Answer", "Growth", "Life", "TooShort", "Trend", "answer", "longest_life", "trend"]
