"""A server for tests of connections."""

from collections.abc import Callable

import httpx

Outcome = httpx.Response | Exception
URL = "https://api.example"


class Service:
    """Replies with the outcomes in turn, repeating the last one, and stores the requests."""

    def __init__(self, *outcomes: Outcome | Callable[[], Outcome]) -> None:
        self.outcomes = list(outcomes)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if callable(outcome):
            outcome = outcome()
        if isinstance(outcome, Exception):
            raise outcome
        return httpx.Response(outcome.status_code, headers=outcome.headers, content=outcome.content)


def ok() -> httpx.Response:
    return httpx.Response(200, json={"job_id": "j"})


# ---------------------------------------------------------------- retries

CONNECT = httpx.ConnectError("refused")
CONNECT_TIMEOUT = httpx.ConnectTimeout("slow")
READ_TIMEOUT = httpx.ReadTimeout("slow")
DROPPED = httpx.RemoteProtocolError("server disconnected")
