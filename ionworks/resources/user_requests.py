"""The methods of a client for requests of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ionworks.records.record import Record
    from ionworks.transport.connection import Connection

__all__ = ["UserRequests"]


class UserRequests:
    """Sends requests for what has no method; what they need is imported when one is sent."""

    _connection: Connection

    def request(
        self,
        method: str,
        path: str,
        *ids: str | Record,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a request of your own, for what has no method.

        It has the credentials, retries and exceptions of all requests.

        Parameters
        ----------
        method : {"GET", "POST", "PUT", "PATCH", "DELETE"}
            The HTTP method.
        path : str
            Path under the root of the service, with braces for ids: ``"/jobs/{job_id}"``.
        *ids : str or record
            The ids, in the order of the braces; each is percent-encoded. A record stands for its
            own id: that of a job for ``{job_id}``.
        params : mapping, optional
            The query; None is left out.
        json : object, optional
            The body; values of NumPy and dates are converted.
        headers : mapping of str to str, optional
            Further headers. A POST with an ``Idempotency-Key`` is repeated if its reply is lost,
            by services that honour such keys for it.

        Returns
        -------
        object
            Parsed JSON; bytes if the reply is not JSON or is a file of the storage; None if it is
            empty.

        Raises
        ------
        IonworksError
            If the service rejects the request, fails or cannot be reached.
        ResponseDecodeError
            If the reply is not what its Content-Type says, or is a redirect that is not followed.
        ValueError, TypeError
            If an argument is invalid; nothing was sent.

        Examples
        --------
        >>> client.get("/jobs/{job_id}", job.id)  # doctest: +SKIP
        >>> client.get("/projects", params={"limit": 5})  # doctest: +SKIP
        >>> client.post("/projects", json={"name": "Cells of May"})  # doctest: +SKIP
        """
        from ionworks.resources.raw_request import RawRequests

        requests = RawRequests(self._connection)
        return requests.send(method, path, ids, params=params, json=json, headers=headers)

    def get(
        self,
        path: str,
        *ids: str | Record,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Read something that has no method.

        Parameters, result and errors are those of `request`.
        """
        return self.request("GET", path, *ids, params=params, headers=headers)

    def post(
        self,
        path: str,
        *ids: str | Record,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Create something that has no method.

        Parameters, result and errors are those of `request`.
        """
        return self.request("POST", path, *ids, params=params, json=json, headers=headers)

    def put(
        self,
        path: str,
        *ids: str | Record,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Replace something that has no method.

        Parameters, result and errors are those of `request`.
        """
        return self.request("PUT", path, *ids, params=params, json=json, headers=headers)

    def patch(
        self,
        path: str,
        *ids: str | Record,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Change something that has no method.

        Parameters, result and errors are those of `request`.
        """
        return self.request("PATCH", path, *ids, params=params, json=json, headers=headers)

    def delete(
        self,
        path: str,
        *ids: str | Record,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Delete something that has no method.

        Parameters, result and errors are those of `request`.
        """
        return self.request("DELETE", path, *ids, params=params, json=json, headers=headers)
