"""Retries: which requests are repeated, after which failures and pauses.

A submission is never stored twice: a request that may have reached the service is repeated only
if repeating it has no further effect.
"""

import random
import time
from collections.abc import Callable
from typing import cast

import httpx
from httpx_retries import Retry, RetryTransport

from ionworks.transport.error_replies import retry_after
from ionworks.transport.timeouts import is_polling

_LONGEST_RETRY_AFTER = 60.0
_LONGEST_BACKOFF = 8.0
_FIRST_BACKOFF = 0.5

_NOTHING_WAS_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_CONNECTION_BROKE = (*_NOTHING_WAS_SENT, httpx.NetworkError, httpx.RemoteProtocolError)
_TOO_MANY_REQUESTS = (429,)
_TRANSIENT_STATUSES = (429, 502, 503, 504)
_POSTS_WITHOUT_EFFECT = (
    "/simulations/statuses",
    "/simulations/results",
    "/simulations/table",
    "/simulations/plan",
    "/protocols/validate",
    "/protocols/convert",
    "/protocols/parse",
    "/protocols/input_references",
    "/discovery/pybamm_models/validate",
    "/discovery/ionworks_models/serialize",
)
"""Operations that only return something; they are POST because the question needs a body."""

Sleep = Callable[[float], None]


class RepeatingTransport(RetryTransport):
    """Repeats requests that can safely be repeated.

    ==============  ==================================================  ==================
    verb            repeated after                                      and after status
    ==============  ==================================================  ==================
    GET, HEAD       connection errors, timeouts                         429, 502, 503, 504
    PUT, DELETE     connection errors                                   429
    POST, PATCH     connection errors before anything was sent          429
    ==============  ==================================================  ==================

    A POST that changes nothing, such as one for the statuses of simulations, is repeated like a
    GET.

    The body of a GET is read inside the retry loop, so that a truncated body is fetched again. The
    extension ``"reader"`` of a request, a function of the response, replaces this reading for
    bodies that are too large for memory.

    The polls of a wait are sent once, because the loop of the wait repeats them.

    Submissions with an Idempotency-Key are repeated more often, see
    `ionworks.transport.idempotency`.
    """

    def __init__(self, carrier: httpx.BaseTransport, max_retries: int, sleep: Sleep) -> None:
        reading = Backoff(
            total=max_retries,
            allowed_methods=("GET", "HEAD", "POST"),
            status_forcelist=_TRANSIENT_STATUSES,
            retry_on_exceptions=(*_CONNECTION_BROKE, httpx.TimeoutException),
            validate_response=_read,
        )
        replacing = Backoff(
            total=max_retries,
            allowed_methods=("PUT", "DELETE"),
            status_forcelist=_TOO_MANY_REQUESTS,
            retry_on_exceptions=_CONNECTION_BROKE,
        )
        submitting = Backoff(
            total=max_retries,
            allowed_methods=("POST", "PATCH"),
            status_forcelist=_TOO_MANY_REQUESTS,
            retry_on_exceptions=_NOTHING_WAS_SENT,
        )
        # In this order, because a POST is a submission unless its path says otherwise.
        self._by_verb = {
            verb: policy
            for policy in (reading, replacing, submitting)
            for verb in policy.allowed_methods
        }
        for policy in (reading, replacing, submitting):
            policy.pause = sleep
        self._once = Backoff(total=0)
        super().__init__(carrier, retry=submitting)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request with the retries that its verb allows."""
        request.extensions["retry"] = self._once if is_polling() else self._policy(request)
        response = super().handle_request(request)
        if "reader" in request.extensions and "is_read" not in response.extensions:
            # The retry loop does not call validate_response for its last attempt.
            response.request = request
            _read(response)
        return response

    def _policy(self, request: httpx.Request) -> Retry:
        return self._by_verb.get(request.method if has_effect(request) else "GET", self.retry)


def has_effect(request: httpx.Request) -> bool:
    """Whether a request can change something at the service."""
    if request.method == "POST":
        return not request.url.path.endswith(_POSTS_WITHOUT_EFFECT)
    return request.method not in {"GET", "HEAD"}


class Backoff(Retry):
    """Pauses between attempts: ``Retry-After`` up to a maximum, else full jitter."""

    pause: Sleep = staticmethod(time.sleep)

    def increment(self) -> "Backoff":
        """Return the state for the next attempt."""
        following = cast("Backoff", super().increment())
        following.pause = self.pause
        return following

    def backoff_strategy(self) -> float:
        """Draw the seconds to pause, uniformly up to a limit that doubles with each attempt."""
        limit = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2.0 ** (self.attempts_made - 1))
        return random.uniform(0.0, limit)  # noqa: S311 - spreads load, not a secret

    def sleep(self, response: httpx.Response | Exception) -> None:
        """Pause before the next attempt."""
        asked = retry_after(response.headers) if isinstance(response, httpx.Response) else None
        self.pause(min(asked, _LONGEST_RETRY_AFTER) if asked else self.backoff_strategy())


def _read(response: httpx.Response) -> None:
    reader: Callable[[httpx.Response], object] = response.request.extensions.get(
        "reader", httpx.Response.read
    )
    reader(response)
    response.extensions["is_read"] = True
