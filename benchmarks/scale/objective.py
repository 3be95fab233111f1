"""What all models promise, and how it is asked for."""

import re

LIMIT, WINDOW_SECONDS = 0.05, 10.0
"""Errors in a window, which is an interval."""
SHARE_OF = re.compile(r'sum\(rate\(model_requests_total\{pod=~"([^"]+)"')
"""How a query of `share_of_errors` begins."""


def share_of_errors(pods: str) -> str:
    """Return PromQL for what was errors in the last window, of pods by a pattern of names.

    So ask operators that leave arithmetic to Prometheus.
    """
    window = f"[{WINDOW_SECONDS:g}s]"
    errors = f'sum(rate(model_requests_total{{pod=~"{pods}",code="500"}}{window}))'
    every = f'sum(rate(model_requests_total{{pod=~"{pods}"}}{window}))'
    return f"({errors} or vector(0)) / {every}"
