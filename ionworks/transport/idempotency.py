"""Idempotency keys: submissions that can be sent again, because they are carried out once.

The terms are those of the IETF draft "The Idempotency-Key HTTP Header Field"
(https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/).
"""

from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

import httpx

from ionworks.transport.retries import Backoff, Sleep

_HEADER: Final = "Idempotency-Key"
_CAPABILITIES: Final = "/discovery/capabilities"
_IN_USE: Final = "IDEMPOTENCY_KEY_IN_USE"

# The request may have arrived. Failures before anything was sent are repeated for every request.
_MAY_HAVE_ARRIVED: Final = (
    httpx.ReadTimeout,
    httpx.WriteTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.CloseError,
    httpx.RemoteProtocolError,
)
_TRANSIENT: Final = (
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
# The capabilities need no model, unlike the submission, which may take minutes.
_LONGEST_QUESTION: Final = 10.0
# Pauses for a submission that the service is still carrying out, in seconds.
_PAUSE: Final = 1.0
_LONGEST_WAIT: Final = 600.0


def new_key() -> str:
    """Return a key for one submission, which all of its repetitions send."""
    return f'"{uuid4()}"'


class KeyedTransport(httpx.BaseTransport):
    """Repeats requests that have an Idempotency-Key, if the service carries them out once.

    They are repeated after timeouts, broken connections and the statuses 502, 503 and 504. A
    service that does not say in its capabilities that it honours keys could carry out the request
    twice, so that it gets no repetition.

    Parameters
    ----------
    carrier : httpx.BaseTransport
        Sends the requests.
    root : str
        URL of the service.
    max_retries : int
        How many failures of one request are followed by a repetition.
    sleep : callable
        Called with the seconds to pause.
    """

    def __init__(
        self, carrier: httpx.BaseTransport, root: str, max_retries: int, sleep: Sleep
    ) -> None:
        self._carrier = carrier
        self._capabilities = httpx.URL(root.rstrip("/") + _CAPABILITIES)
        self._sleep = sleep
        self._backoff = Backoff(total=max_retries)
        self._backoff.pause = sleep
        self._is_honoured = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, repeatedly if it has a key and the reply does not arrive."""
        if _HEADER not in request.headers:
            return self._carrier.handle_request(request)
        backoff, waited = self._backoff, 0.0
        while True:
            failure: httpx.Response | httpx.TransportError
            try:
                response = self._read(request)
            except _MAY_HAVE_ARRIVED as error:
                failure = error
            else:
                if _is_in_use(response) and waited < _LONGEST_WAIT:
                    self._sleep(_PAUSE)
                    waited += _PAUSE
                    continue
                if response.status_code not in _TRANSIENT:
                    return response
                failure = response
            if backoff.is_exhausted() or not self._honours_keys(request):
                if isinstance(failure, httpx.Response):
                    return failure
                raise failure
            backoff = backoff.increment()
            backoff.sleep(failure)

    def close(self) -> None:
        """Close all connections."""
        self._carrier.close()

    def _read(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read the reply, which is repeated too if it is cut off."""
        response = self._carrier.handle_request(request)
        response.request = request
        response.read()
        return response

    def _honours_keys(self, request: httpx.Request) -> bool:
        """Whether the service says that it carries out a request with a key once."""
        if not self._is_honoured:
            headers = request.headers.copy()
            for name in (_HEADER, "Content-Length", "Content-Type", "Content-Encoding"):
                headers.pop(name, None)
            limit = min(request.extensions.get("total") or _LONGEST_QUESTION, _LONGEST_QUESTION)
            question = httpx.Request(
                "GET",
                self._capabilities,
                headers=headers,
                extensions={"total": limit, "timeout": httpx.Timeout(limit).as_dict()},
            )
            # A service that cannot be asked is treated as one that honours no keys: the failure
            # of the submission is reported.
            with suppress(httpx.TransportError, httpx.DecodingError, ValueError):
                reply = self._read(question)
                if reply.status_code == HTTPStatus.OK:
                    self._is_honoured = _field(reply, "idempotency_keys") is True
        return self._is_honoured


def _is_in_use(response: httpx.Response) -> bool:
    """Whether the service is still carrying out the first request with the key."""
    if response.status_code != HTTPStatus.CONFLICT:
        return False
    with suppress(ValueError):  # an error reply need not be JSON
        return bool(_field(response, "error_code") == _IN_USE)
    return False


def _field(response: httpx.Response, name: str) -> Any:
    """Return a field of a JSON object, None if the reply has none; ValueError without JSON."""
    content = response.json()
    return content.get(name) if isinstance(content, dict) else None
