"""Sending a request again, where that is safe.

- No answer: when the request is repeatable, or certainly never reached the server.
- 429: nothing was done, so every request is repeated after the server's `Retry-After`.
- 503 (and a proxy's 502, 504): when the request is repeatable.

Anything else is final.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from ._errors import ConnectionError, RateLimited
from ._exchange import Answer, Flow, Pause, Request
from ._problems import FIRST_REFUSAL, problem, retry_after

DEFAULT_RETRIES = 4
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_BUSY = (502, 503, 504)


@dataclass(frozen=True)
class Retries:
    """How often a request is sent again; `patient` comes back after a 429 as often as it takes."""

    most: int = DEFAULT_RETRIES
    patient: bool = False

    def send(self, request: Request) -> Flow[Answer]:
        """Send a request until it is answered for good. Raises what the refusal stands for."""
        failures = 0
        while True:
            try:
                answer = yield request
            except ConnectionError as error:
                if failures >= self.most or (error.sent and not request.is_repeatable):
                    raise
                pause = backoff(failures)
            else:
                assert answer is not None
                if answer.status < FIRST_REFUSAL:
                    return answer
                error_of_server = problem(answer)
                limited = isinstance(error_of_server, RateLimited)
                if not limited and not (answer.status in _BUSY and request.is_repeatable):
                    raise error_of_server
                if failures >= self.most and not (limited and self.patient):
                    raise error_of_server
                pause = retry_after(answer) if "retry-after" in answer.headers else backoff(failures)
            failures += 1
            yield Pause(pause)


def backoff(failures: int) -> float:
    """Give the seconds to wait after so many failures before: longer each time, never quite the same."""
    longest = min(_FIRST_PAUSE_S * 2.0**failures, _LONGEST_PAUSE_S)
    return longest * random.uniform(0.5, 1.0)
