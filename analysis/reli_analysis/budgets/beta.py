"""The incomplete beta function, from which binomial and Student's tails come.

In the standard library alone: judging a record imports numpy and nothing heavier.
"""

from __future__ import annotations

import math

_MOST_STEPS = 100_000
_CLOSE = 1e-13
_TINY = 1e-300
_HALVINGS = 100


def beta_below(x: float, a: float, b: float) -> float:
    """I(x; a, b): the probability that a beta variable lies at or below ``x``; a, b > 0.

    The continued fraction of Abramowitz and Stegun (1964), 26.5.8, by Lentz's method (1976), on the
    side of the mean where it converges: in about the root of the larger of a and b steps.
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - beta_below(1 - x, b, a)
    log_front = (
        math.lgamma(a + b)
        - math.lgamma(a)
        - math.lgamma(b)
        + a * math.log(x)
        + b * math.log1p(-x)
        - math.log(a)
    )
    return min(1.0, math.exp(log_front) * _fraction(x, a, b))


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1.0 / _away_from_0(1.0 - (a + b) * x / (a + 1))
    product = d
    for m in range(1, _MOST_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1.0 / _away_from_0(1.0 + term * d)
            c = _away_from_0(1.0 + term / c)
            product *= c * d
        if abs(c * d - 1.0) < _CLOSE:
            break
    return product


def _away_from_0(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x at which I(x; a, b) reaches a probability, by halving to the last digit or so."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if beta_below(middle, a, b) < probability:
            low = middle
        else:
            high = middle
        if high - low <= _CLOSE * high:
            break
    return (low + high) / 2


def student_quantile(level: float, freedom: int) -> float:
    """The t that a Student variable exceeds in size with probability 1 - ``level``.

    P(|T| > t) = I(v / (v + t^2); v/2, 1/2) for v degrees of freedom (26.7.1 there).
    """
    x = beta_quantile(1 - level, freedom / 2, 0.5)
    return math.sqrt(freedom * (1 - x) / x)
