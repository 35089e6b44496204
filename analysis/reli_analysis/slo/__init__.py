"""What a run says of a service level objective: its error budget, burn rates, and what it proves."""

from reli_analysis.slo.burning import PAIRS, Burn, burning
from reli_analysis.slo.claim import Claim, claim
from reli_analysis.slo.objective import PERIOD_S, Spent, spent
from reli_analysis.slo.report import slo_evidence

__all__ = [
    "PAIRS",
    "PERIOD_S",
    "Burn",
    "Claim",
    "Spent",
    "burning",
    "claim",
    "slo_evidence",
    "spent",
]
