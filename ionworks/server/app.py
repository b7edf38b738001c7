"""The embedded engine as a WSGI application: route, check, handle, reply."""

from __future__ import annotations

import hmac
import os
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Mapping
from functools import cache, partial
from pathlib import Path
from threading import Semaphore
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import flask
import orjson
from werkzeug.datastructures import Headers
from werkzeug.http import parse_dict_header
from werkzeug.routing import Map, Rule
from werkzeug.wsgi import wrap_file

from ionworks.engine.compile_setting import compile_setting
from ionworks.server.call import Call, Services
from ionworks.server.error_replies import (
    LARGEST_BODY,
    explain,
    no_such_address,
    refuse_method,
)
from ionworks.server.http.addresses import Addresses
from ionworks.server.http.contract import Contract
from ionworks.server.http.problems import Problem
from ionworks.server.http.replies import Reply
from ionworks.server.http.request_ids import OPERATION, REQUEST_ID
from ionworks.server.http.signed_links import Links
from ionworks.server.ingestion import transfers
from ionworks.server.jobs.crew import cluster_crew
from ionworks.server.jobs.delays import Delays
from ionworks.server.jobs.queue import DEFAULT_RUN_LIMIT, Jobs
from ionworks.server.jobs.targets import Targets
from ionworks.server.jobs.web import WebJobs
from ionworks.server.jobs.worker import ExecutorFactory, Worker, worker_process
from ionworks.server.request_bodies import request_body
from ionworks.server.routing import Route, routes
from ionworks.server.store import access, forks, postgresql
from ionworks.server.store.access import Access
from ionworks.server.store.blobs import size_of
from ionworks.server.store.cleanup import prepared
from ionworks.server.store.database import Store, default_folder
from ionworks.server.store.faults import explained
from ionworks.server.team import directory
from ionworks.server.team.limits import Limits
from ionworks.server.team.requests import Team

if TYPE_CHECKING:
    import distributed
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: Largest file sent to a signed link, in bytes.
LARGEST_FILE = 64 * 1024**3
#: Root of the links of an engine that is called in its own process.
_IN_PROCESS = "http://ionworks.local"
_STORAGE = "storage"
#: Endpoint of the methods that a path does not take.
_NO_METHOD = "other methods of "
_PIECE = 1 << 20


class LocalApp:
    """The embedded engine of one folder, callable as a WSGI application.

    Use `create_app` to make one.

    Parameters
    ----------
    services
        Store, jobs, contract and links of the folder.
    api_key
        Key every request must carry; None asks for none.
    addresses
        The addresses of a served engine, to which requests must be sent; None for an engine that
        is called in its own process.
    """

    def __init__(
        self, services: Services, api_key: str | None, addresses: Addresses | None = None
    ) -> None:
        self.services = services
        self._server = _Server(services, api_key, addresses)
        self._process = os.getpid()
        # Ends the worker processes of an application that was never closed.
        self._finalizer = weakref.finalize(self, _close, services, self._process)

    @property
    def folder(self) -> Path:
        """Where records and results are."""
        return self.services.folder

    @property
    def store(self) -> Store:
        """Records and results."""
        return self.services.store

    @property
    def jobs(self) -> Jobs | WebJobs:
        """What runs the jobs, or leaves them to the dispatcher."""
        return self.services.jobs

    def delays(self) -> Delays:
        """Return what holds up jobs now."""
        return self.services.jobs.delays()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request.

        Raises
        ------
        RuntimeError
            This process was forked from the one that opened the engine.
        """
        forks.refuse_in_child(self.folder, self._process)
        return self._server.flask.wsgi_app(environ, start_response)

    def body_limit(self, environ: WSGIEnvironment) -> int:
        """Return the largest size of a request's body that will be read.

        It is 0 if the request is refused for its address, its headers or its signed link.
        """
        return self._server.body_limit(environ)

    def close(self) -> None:
        """Stop the workers; unfinished jobs go on when the folder is opened again.

        Does nothing in a forked child process: workers, jobs and files belong to its parent.
        """
        self._finalizer()


def create_app(  # noqa: PLR0913 one keyword for each independent option of an engine
    folder: Path | None = None,
    *,
    role: Literal["all", "web"] = "all",
    database: str | None = None,
    blobs: str | None = None,
    secret: str | None = None,
    api_key: str | None = None,
    addresses: Addresses | None = None,
    workers: int | None = None,
    run_limit: float = DEFAULT_RUN_LIMIT,
    targets: Targets | None = None,
    factory: ExecutorFactory = worker_process,
    cluster: str | distributed.Client | None = None,
    check_limit: float | None = None,
    question_limit: int | None = None,
    worker: Worker | None = None,
    keep: Callable[[Worker], None] | None = None,
    team: Limits | None = None,
) -> LocalApp:
    """Open a folder as an embedded engine.

    Parameters
    ----------
    folder
        Where records and results live; None for the user's data folder. Made if missing.
        Several processes may open the same one.
    role
        ``"web"`` if another process runs the jobs, see `ionworks.server.dispatching`.
    database
        Where records are: ``postgresql://user:password@host/name``; None for a SQLite file in the
        folder.
    blobs
        Where results and data are: the path of a folder, or ``s3://bucket/prefix`` with endpoint
        and credentials in the environment variables ``AWS_*``; None for the folder.
    secret
        What signed links are signed with, so that servers with the same secret accept each other's
        links, also after a restart; None for links that are valid until this engine closes.
    api_key
        Key every request must carry; None asks for none.
    addresses
        The addresses of a served engine, to which requests must be sent; None for an engine that
        is called in its own process.
    workers
        Number of worker processes; None for one per core, at most eight.
    run_limit
        Longest time a worker may go without finishing a run, in seconds; a run that takes
        longer fails with EXECUTION_TIMEOUT.
    targets
        What runs in a worker, and what processes measurements; None for the engine.
    factory
        Starts a worker; a thread will do where the targets load no PyBaMM.
    cluster
        Address or client of a Dask scheduler whose workers run the worker processes, one for each
        thread; None for this machine.
    check_limit
        Longest time a request waits for a worker to check a submission, in seconds; None to wait
        for the answer. A submission that was not checked by then is accepted and checked before
        its first run, and fails with what the request would have been refused with.
    question_limit
        Most requests at the same time that wait for a worker as long as it takes; further ones are
        answered with 503.
        None for any number.
    worker, keep
        The first worker, and what takes an idle one when the engine closes, see `Jobs`.
    team
        The limits of each user of a team, whose keys are then asked for instead of ``api_key``.
        None for a single user.

    Returns
    -------
    LocalApp
        A WSGI application; close it when done.

    Raises
    ------
    ValueError
        ``workers`` or ``run_limit`` is not positive, ``check_limit`` is negative or not
        finite, ``api_key`` is empty or given with ``team``, ``database`` or ``blobs`` is not the
        address of one, ``secret`` is too short, or the environment variable ``IONWORKS_COMPILE``
        has an unknown value.
    ImportError
        ``cluster`` is given, and distributed is not installed.
    RuntimeError
        The folder, the database, the bucket or the cluster cannot be used; the message says why,
        and what to do. Examples: another version of this package wrote the folder in a layout this
        one cannot read, the disk is full, or this process was forked from one that had it open.
    """
    if api_key == "":
        raise ValueError("api_key is empty: give a key, or None to ask for none")
    if api_key is not None and team is not None:
        raise ValueError("a team's server takes the keys of its users: omit api_key")
    if not run_limit > 0:  # also rejects NaN
        raise ValueError(f"run_limit={run_limit} must be a time in seconds above 0")
    if check_limit is not None and not 0 <= check_limit <= threading.TIMEOUT_MAX:
        raise ValueError(f"check_limit={check_limit} must be a finite time in seconds, 0 or more")
    if cluster is not None and workers is not None:
        raise ValueError("workers does not apply to a cluster, which has one for each thread")
    compile_setting()  # which only the workers use, when the first run has been submitted
    links = Links(secret=secret)
    contract = Contract()
    folder = Path(folder) if folder is not None else default_folder()
    with explained(folder if database is None else postgresql.shown(database)):
        store = prepared(folder, database, blobs)
        jobs: Jobs | WebJobs
        try:
            if addresses is not None and team is None:
                directory.refuse_team(store)
            crew = None if cluster is None else cluster_crew(cluster)
            if role == "web":
                jobs = WebJobs(store, targets=targets, factory=factory, crew=crew)
            else:
                jobs = Jobs(
                    store,
                    workers=workers,
                    targets=targets,
                    run_limit=run_limit,
                    factory=factory,
                    crew=crew,
                    worker=worker,
                    keep=keep,
                )
        except BaseException:
            store.close()
            raise
    permits = None if question_limit is None else Semaphore(question_limit)
    services = Services(store, jobs, contract, links, check_limit, permits, team)
    return LocalApp(services, api_key, addresses)


def _close(services: Services, process: int) -> None:
    if os.getpid() != process:
        return
    services.jobs.close()
    services.store.close()


@cache
def _url_map() -> Map:
    """Return the rules of all operations, which werkzeug compiles once for all engines."""
    rules = [
        Rule(route.rule, endpoint=route.operation_id, methods=[route.method]) for route in routes()
    ]
    storage = Rule(
        "/storage/<token>", endpoint=_STORAGE, methods=["GET", "PUT"], strict_slashes=True
    )
    # Without these, a method that `/simulations/statuses` does not take would be one of a
    # simulation with the id "statuses".
    others = [Rule(rule, endpoint=_NO_METHOD + rule) for rule in _methods_by_rule()]
    # A doubled slash is a 404, not a redirect.
    return Map([*rules, storage, *others], strict_slashes=False, merge_slashes=False)


@cache
def _methods_by_rule() -> dict[str, list[str]]:
    """Return the methods of each path of the contract."""
    methods: defaultdict[str, set[str]] = defaultdict(set)
    for route in routes():
        methods[route.rule] |= {route.method, "HEAD"} if route.method == "GET" else {route.method}
    return {rule: sorted(names) for rule, names in methods.items()}


class _Server:
    """The Flask application of one engine."""

    def __init__(
        self, services: Services, api_key: str | None, addresses: Addresses | None = None
    ) -> None:
        self._services = services
        self._addresses = addresses
        self._api_key = None if api_key is None else api_key.encode()
        limits = services.limits
        self._team = None if limits is None else Team(services.store, limits)
        self.flask = flask.Flask("ionworks.server", static_folder=None)
        self.flask.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
        self.flask.url_map = _url_map()
        self.flask.view_functions[_STORAGE] = self._transfer
        self._public = {_STORAGE}
        for route in routes():
            self.flask.view_functions[route.operation_id] = partial(self._serve, route)
            if not services.contract.needs_key(route.operation_id):
                self._public.add(route.operation_id)
        for rule, methods in _methods_by_rule().items():
            self.flask.view_functions[_NO_METHOD + rule] = partial(refuse_method, methods)
        self.flask.before_request(self._admit)
        self.flask.register_error_handler(Exception, explain)

    def _admit(self, *, is_received: bool = True) -> None:
        """Refuse a request without a key, of a foreign page, or with an encoded slash."""
        request = flask.request
        endpoint = request.endpoint or _NO_METHOD
        request.environ[OPERATION] = endpoint if _NO_METHOD not in endpoint else "unknown"
        if self._addresses is not None:
            self._addresses.check(request.method, dict(request.headers))
        if self._api_key is not None and request.endpoint not in self._public:
            _check_key(self._api_key, request.headers)
        if self._team is not None and request.endpoint not in self._public:
            key = _given_key(request.headers)
            if is_received:
                flask.g.user = self._team.admit(key)
            else:
                self._team.check_key(key)
        # Werkzeug decodes %2F before it routes, so an id with a slash could reach another route.
        if "%2f" in request.environ.get("REQUEST_URI", "").partition("?")[0].lower():
            raise no_such_address()

    def _serve(self, route: Route, **path: str) -> flask.Response:
        """Answer one operation of the contract, for a user if there is a team."""
        user: Access | None = flask.g.get("user")
        if user is None or self._team is None:
            return self._answer(route, path)
        request_id = flask.request.environ.setdefault(REQUEST_ID, uuid4().hex)
        answer = partial(self._answer, route, path)
        with access.acting(user):
            return self._team.answer(user, route.operation_id, request_id, path, answer)

    def _answer(self, route: Route, path: Mapping[str, str]) -> flask.Response:
        contract = self._services.contract
        if not route.available:
            query, body, headers = {}, None, {}
        else:
            check = contract.check(route.operation_id)
            headers = check.headers(dict(flask.request.headers))
            query = check.query(flask.request.args.to_dict(flat=False))
            body = request_body(check)
        call = Call(
            self._services,
            path,
            query,
            body,
            flask.request.headers.get("Accept", ""),
            self._root(),
            headers.get("Idempotency-Key"),
            parse_dict_header(headers.get("Prefer", "")),
        )
        if self._team is not None:
            self._team.check(route.operation_id, path, body)
        result = route.handler(call)
        if isinstance(result, Reply):
            return _response(result)
        return _json(contract.success(route.operation_id), result)

    def _root(self) -> str:
        """Return what links in the reply to the current request start with."""
        if self._addresses is None:
            return _IN_PROCESS
        return self._addresses.root(flask.request.headers["Host"])

    def body_limit(self, environ: WSGIEnvironment) -> int:
        """Return the largest size of a request's body, see `LocalApp.body_limit`."""
        with self.flask.request_context(environ):
            request = flask.request
            try:
                self._admit(is_received=False)
                if request.routing_exception is not None:
                    return 0
                if request.endpoint != _STORAGE:
                    return request.max_content_length or LARGEST_BODY
                if request.method == "PUT":
                    self._services.links.upload_key((request.view_args or {})["token"])
                    return LARGEST_FILE
            except Problem:
                pass
        return 0

    def _transfer(self, token: str) -> flask.Response:
        """Answer a signed link, which needs no key and works for one method."""
        store, links = self._services.store, self._services.links
        request = flask.request
        if request.method != "PUT":
            return _response(transfers.send(store, links.key(token)))
        key = links.upload_key(token)
        if request.content_length is None:
            message = "Send a Content-Length with the file, so that a cut transfer is noticed."
            raise Problem(411, "LENGTH_REQUIRED", message)
        request.max_content_length = LARGEST_FILE
        transfers.receive(store, key, request.stream)
        return _response(Reply(200))


def _check_key(expected: bytes, headers: Headers) -> None:
    """Refuse a request whose headers do not contain the key."""
    given = _given_key(headers)
    if not hmac.compare_digest(given.encode(), expected):
        raise Problem(
            401,
            "UNAUTHORIZED",
            "The API key is wrong." if given else "Send an API key in the header X-API-Key.",
            headers={"WWW-Authenticate": "Bearer"},
        )


def _given_key(headers: Headers) -> str:
    """Return the key in the headers of a request; empty text without one."""
    scheme, _, bearer = headers.get("Authorization", "").partition(" ")
    given = bearer.strip() if scheme.lower() == "bearer" else ""
    return given or headers.get("X-API-Key", "")


def _json(status: int, content: Any) -> flask.Response:
    """Return a JSON reply; NaN and infinity become null."""
    return flask.Response(orjson.dumps(content), status, mimetype="application/json")


def _response(reply: Reply) -> flask.Response:
    content = reply.content
    user = access.current()
    if user is not None and isinstance(content, Generator):
        content = access.continued(content, user)
    if isinstance(content, bytes | Generator):
        response = flask.Response(content, reply.status, content_type=reply.media_type)
    else:
        response = flask.Response(
            wrap_file(flask.request.environ, content, _PIECE),
            reply.status,
            content_type=reply.media_type,
            direct_passthrough=True,
        )
        response.content_length = size_of(content)
    response.headers.update(reply.headers)
    if reply.media_type is None:
        del response.headers["Content-Type"]
    return response
