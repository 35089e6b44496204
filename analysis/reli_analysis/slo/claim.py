"""What so many requests with so many failures can claim at all."""

from __future__ import annotations

from dataclasses import dataclass

from reli_analysis.budgets.beta import beta_quantile
from reli_analysis.budgets.enough import ALPHA, requests_for_ratio
from reli_analysis.budgets.proof import needed_to_prove, surely_below

LEVEL = 1 - ALPHA


@dataclass(frozen=True)
class Claim:
    """``proven`` is the highest availability that the run proves, at ``level``.

    ``clean_requests_needed`` would prove the objective without one failure, and ``requests_needed``
    with failures as frequent as here: ``None`` when no number would.
    """

    level: float
    proven: float
    proves_objective: bool
    clean_requests_needed: int
    requests_needed: int | None

    def sentence(self, requests: int, failures: int) -> str:
        """In words."""
        clean = "no failure" if not failures else f"{failures:,} failed"
        return (
            f"{requests:,} requests, of which {clean}, prove an availability of at least "
            f"{_percent(self.proven)} at {self.level * 100:.0f} % confidence"
        )


def claim(objective: float, requests: int, failures: int) -> Claim:
    """The exact one-sided bound of Clopper and Pearson (1934), for independent requests.

    With k failures among n requests the error ratio is at most the q at which P(X <= k) = ALPHA for
    X binomial: the 1 - ALPHA quantile of Beta(k + 1, n - k). Without failures that is
    1 - ALPHA^(1/n), which the rule of three shortens to 3/n; for 99.9 % it takes 2,995 requests.
    Requests that fail together (an outage) make the claim weaker than it says.
    """
    highest = 1.0
    if failures < requests:
        highest = beta_quantile(1 - ALPHA, failures + 1, requests - failures)
    return Claim(
        level=LEVEL,
        proven=1 - highest,
        proves_objective=surely_below(failures, requests, 1 - objective),
        clean_requests_needed=requests_for_ratio(1 - objective),
        requests_needed=needed_to_prove(failures, requests, 1 - objective),
    )


def _percent(share: float) -> str:
    """Rounded down, with two digits beyond its nines: 0.99901 is 99.90 %, and never 100 %."""
    digits, missing = 1, 1 - share
    while missing < 10.0 ** (-digits - 1) and digits < _MOST_DIGITS:
        digits += 1
    scale = 10**digits
    return f"{int(share * 100 * scale) / scale:.{digits}f} %"


_MOST_DIGITS = 9
