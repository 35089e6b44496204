"""All that a run says of an objective, as plain values for a finding's evidence."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from reli_analysis.selection import length_s
from reli_analysis.slo.burning import burning, scale_of
from reli_analysis.slo.claim import claim
from reli_analysis.slo.objective import PERIOD_S, spent
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from reli_analysis.selection import Spans
    from reli_analysis.slo.burning import Counts


def slo_evidence(
    objective: float, requests: int, failures: int, counts: Counts, spans: Spans
) -> dict[str, Any]:
    """``evidence["slo"]`` of a budget on availability; the objective lies between 0 and 1.

    ``counts`` are those of the spans, of which ``requests`` and ``failures`` are the sums.
    """
    claimed = claim(objective, requests, failures)
    burns = burning(objective, counts, spans)
    return {
        **asdict(spent(objective, requests, failures)),
        "period_s": PERIOD_S,
        "judged_s": length_s(spans),
        "claim": {**asdict(claimed), "sentence": claimed.sentence(requests, failures)},
        "scale": scale_of(spans),
        "scale_sentence": _scale_sentence(spans),
        "burn": [
            {
                **asdict(burn),
                "fired": bool(burn.fired_s),
                "fired_s": [list(stretch) for stretch in burn.fired_s],
            }
            for burn in burns
        ],
    }


def _scale_sentence(spans: Spans) -> str:
    """That the windows are shorter than the workbook's, where they are."""
    if scale_of(spans) >= 1:
        return ""
    return (
        f"the windows of 3 d and less are shortened {1 / scale_of(spans):,.0f} times, to the "
        f"{format_duration(length_s(spans))} that were judged"
    )
