"""What a command works with: the service to use, a client, and the output."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from ionworks.cli.output import Output
from ionworks.defaults import DEFAULT_RETRIES

if TYPE_CHECKING:
    import httpx

    from ionworks.cli.access import Access
    from ionworks.client import Ionworks

__all__ = ["Session"]

_MOST_PASTED: Final = 20
"""Most ids of a line to be pasted; more are found by the history."""
_MOST_SUBMISSIONS: Final = 10


class Session:
    """One call of the command.

    Parameters
    ----------
    output : Output
        Where it writes.
    profile_name, url, project : str or None
        The options of the command.
    computes : bool, optional
        Whether a worker process of the engine on this machine is started for it at once.

    Attributes
    ----------
    output : Output
        Where it writes.
    profile_name, url, project : str or None
        The options.
    retries : int
        How often the client repeats a request that fails, for a client that is not open yet.
    """

    def __init__(
        self,
        *,
        output: Output,
        profile_name: str | None = None,
        url: str | None = None,
        project: str | None = None,
        computes: bool = False,
    ) -> None:
        self.output = output
        self.profile_name = profile_name
        self.url = url
        self.project = project
        self.retries = DEFAULT_RETRIES
        self._computes = computes
        self._client: Ionworks | None = None
        self._at_end = ExitStack()

    @cached_property
    def access(self) -> Access:
        """The service to use.

        Raises
        ------
        ValueError
            If the profile does not exist or the file of profiles is not valid.
        """
        from ionworks.cli.access import Access

        return Access.find(self.profile_name, self.url, self.project)

    @property
    def client(self) -> Ionworks:
        """The client, opened on first use and closed with the session; its frames are of polars.

        Raises
        ------
        ValueError
            If a setting is invalid, or there is no key.
        """
        if self._client is None:
            from ionworks.waiting.jobs import RESUMING

            token = RESUMING.set(self._waiting_again)
            self._at_end.callback(RESUMING.reset, token)
            if self.access.source == "default":
                self.output.note(
                    "No address or key is set: the engine on this machine is used (see 'ionworks"
                    " config')."
                )
            self._client = self._at_end.enter_context(self._make_client())
        return self._client

    @property
    def offline_client(self) -> Ionworks:
        """A client of the same service that sends nothing, and for which no engine is started."""
        if self._client is None:
            import httpx

            from ionworks.settings import switch

            # With a transport the history would be off unless it is turned on.
            client = self._make_client(
                transport=httpx.MockTransport(_refuse), history=switch("history", None)
            )
            self._client = self._at_end.enter_context(client)
        return self._client

    def _make_client(self, **options: Any) -> Ionworks:
        access = self.access
        access.require_key()
        # The client itself takes the project of the environment for an address from there.
        is_given = access.source != "IONWORKS_API_URL"
        return self._client_class()(
            api_url=access.url if is_given else None,
            api_key=access.api_key,
            project_id=access.project,
            organization_id=access.organization,
            dataframe_backend="polars",
            max_retries=self.retries,
            **options,
        )

    def _client_class(self) -> type[Ionworks]:
        if self._computes:
            from ionworks.client import Ionworks

            return Ionworks
        from ionworks.cli.reading import ReadingClient

        return ReadingClient

    def require_project(self) -> None:
        """Raise ValueError if the client needs a project and has none."""
        if not self.access.is_local and self.client.project_id is None:
            raise ValueError(
                "no project: pass --project ID (see 'ionworks list projects'), or store it with"
                " 'ionworks config set --project ID'"
            )

    def line(self, command: str, arguments: Sequence[str] = ()) -> str:
        """Return a line for a shell that goes on with the same service.

        Parameters
        ----------
        command : str
            Name of a command.
        arguments : sequence of str, optional
            Its arguments, such as ids.
        """
        given = {"profile": self.profile_name, "url": self.url, "project": self.project}
        options = [
            part
            for name, value in given.items()
            if value is not None
            for part in (f"--{name}", value)
        ]
        return shlex.join(["ionworks", command, *arguments, *options])

    def note_left_running(self, ids: Sequence[str]) -> None:
        """Say what becomes of jobs that are not waited for.

        Those of the engine on this machine run only while a command or program uses it.
        """
        if ids and self.access.is_local:
            self.output.note(
                "The engine on this machine stops with this command, and continues when it is used"
                f" again:\n  {self._waiting_again(ids)}"
            )

    def _waiting_again(self, ids: Sequence[str]) -> str:
        if len(ids) <= _MOST_PASTED:
            return self.line("wait", ids)
        count = self._submissions_of(ids)
        if count is None:
            return self.line("wait", ids)
        found = self.line("history", ["--limit", str(count), "--ids"])
        return f"{found} | {self.line('wait', ['-'])}"

    def _submissions_of(self, ids: Sequence[str]) -> int | None:
        """Return how many of the last submissions have all of these ids; None if unknown."""
        if self._client is None or not self._client.settings.history:
            return None
        missing = {*ids}
        with suppress(OSError):  # all ids are told instead
            for count, entry in enumerate(self._client.history(_MOST_SUBMISSIONS), 1):
                missing.difference_update(entry.ids)
                if not missing:
                    return count
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._at_end.close()


def _refuse(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"this command sends nothing, but asked for {request.url}")
