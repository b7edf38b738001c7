"""The embedded engine as a WSGI application: route, check, handle, reply."""

from __future__ import annotations

import hmac
import logging
import os
import threading
import weakref
import zlib
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from functools import cache, partial
from pathlib import Path
from threading import Semaphore
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import flask
import orjson
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_dict_header
from werkzeug.routing import Map, Rule
from werkzeug.wsgi import wrap_file

from ionworks.engine.compile_setting import compile_setting
from ionworks.server.call import Call, Services
from ionworks.server.http import problems
from ionworks.server.http.addresses import Addresses
from ionworks.server.http.contract import FORM, Contract, RequestCheck
from ionworks.server.http.excerpts import cut
from ionworks.server.http.json_text import read_json
from ionworks.server.http.problems import Problem
from ionworks.server.http.replies import Reply
from ionworks.server.http.signed_links import Links
from ionworks.server.ingestion import transfers
from ionworks.server.jobs.queue import DEFAULT_RUN_LIMIT, Jobs
from ionworks.server.jobs.targets import Targets
from ionworks.server.jobs.worker import ExecutorFactory, Worker, worker_process
from ionworks.server.routing import Route, routes
from ionworks.server.store import cleanup, forks, seeds
from ionworks.server.store.blobs import size_of
from ionworks.server.store.database import Store, default_folder
from ionworks.server.store.faults import Fault, explained, fault_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

#: Largest request body, as sent and after unpacking, in bytes.
LARGEST_BODY = 64 * 1024 * 1024
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
    blobs: str | None = None,
    secret: str | None = None,
    api_key: str | None = None,
    addresses: Addresses | None = None,
    workers: int | None = None,
    run_limit: float = DEFAULT_RUN_LIMIT,
    targets: Targets | None = None,
    factory: ExecutorFactory = worker_process,
    check_limit: float | None = None,
    question_limit: int | None = None,
    worker: Worker | None = None,
    keep: Callable[[Worker], None] | None = None,
) -> LocalApp:
    """Open a folder as an embedded engine.

    Parameters
    ----------
    folder
        Where records and results live; None for the user's data folder. Made if missing.
        Several processes may open the same one.
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

    Returns
    -------
    LocalApp
        A WSGI application; close it when done.

    Raises
    ------
    ValueError
        ``workers`` or ``run_limit`` is not positive, ``check_limit`` is negative or not
        finite, ``api_key`` is empty, ``blobs`` is neither a folder nor a bucket, ``secret`` is too
        short, or the environment variable ``IONWORKS_COMPILE`` has an
        unknown value.
    RuntimeError
        The folder or the bucket cannot be used; the message says why, and what to do. Examples:
        another version of this package wrote it in a layout this one cannot read, the disk is
        full, or this process was forked from one that had it open.
    """
    if api_key == "":
        raise ValueError("api_key is empty: give a key, or None to ask for none")
    if not run_limit > 0:  # also rejects NaN
        raise ValueError(f"run_limit={run_limit} must be a time in seconds above 0")
    if check_limit is not None and not 0 <= check_limit <= threading.TIMEOUT_MAX:
        raise ValueError(f"check_limit={check_limit} must be a finite time in seconds, 0 or more")
    compile_setting()  # which only the workers use, when the first run has been submitted
    links = Links(secret=secret)
    contract = Contract()
    folder = Path(folder) if folder is not None else default_folder()
    with explained(folder):
        store = Store(folder, blobs=blobs)
        try:
            seeds.plant(store)
            cleanup.unclaimed_folders(store)
            jobs = Jobs(
                store,
                workers=workers,
                targets=targets,
                run_limit=run_limit,
                factory=factory,
                worker=worker,
                keep=keep,
            )
        except BaseException:
            store.close()
            raise
    permits = None if question_limit is None else Semaphore(question_limit)
    services = Services(store, jobs, contract, links, check_limit, permits)
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
            self.flask.view_functions[_NO_METHOD + rule] = partial(_refuse_method, methods)
        self.flask.before_request(self._admit)
        self.flask.register_error_handler(Exception, _explain)

    def _admit(self) -> None:
        """Refuse a request without the key, of a foreign page, or with an encoded slash."""
        request = flask.request
        if self._addresses is not None:
            self._addresses.check(request.method, dict(request.headers))
        if self._api_key is not None and request.endpoint not in self._public:
            _check_key(self._api_key, request.headers)
        # Werkzeug decodes %2F before it routes, so an id with a slash could reach another route.
        if "%2f" in request.environ.get("REQUEST_URI", "").partition("?")[0].lower():
            raise _no_such_address()

    def _serve(self, route: Route, **path: str) -> flask.Response:
        """Answer one operation of the contract."""
        contract = self._services.contract
        if not route.available:
            query, body, headers = {}, None, {}
        else:
            check = contract.check(route.operation_id)
            headers = check.headers(dict(flask.request.headers))
            query = check.query(flask.request.args.to_dict(flat=False))
            body = _request_body(check)
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
                self._admit()
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
    scheme, _, bearer = headers.get("Authorization", "").partition(" ")
    given = bearer.strip() if scheme.lower() == "bearer" else ""
    given = given or headers.get("X-API-Key", "")
    if not hmac.compare_digest(given.encode(), expected):
        raise Problem(
            401,
            "UNAUTHORIZED",
            "The API key is wrong." if given else "Send an API key in the header X-API-Key.",
            headers={"WWW-Authenticate": "Bearer"},
        )


def _request_body(check: RequestCheck) -> Any:
    """Return the checked body of the current request; None if the operation has no body."""
    if check.takes_form:
        return _form(check)
    return _body(check) if check.takes_body else None


def _form(check: RequestCheck) -> dict[str, Any]:
    """Return the checked fields of the current request's form; files as bytes."""
    request = flask.request
    if request.mimetype != FORM:
        message = f"Send the fields and the file as separate parts of {FORM}."
        raise Problem(415, "UNSUPPORTED_MEDIA_TYPE", message)
    texts = request.form.to_dict()
    files = {name: part.read() for name, part in request.files.items()}
    if any(name is None for name in (*texts, *files)):
        raise problems.invalid([problems.entry(["body"], "a part of the form has no name", "type")])
    return {**check.form(texts, files), **files}


def _body(check: RequestCheck) -> Any:
    """Return the checked JSON body of the current request, or None without one."""
    request = flask.request
    data = request.get_data(cache=False)
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding == "gzip":
        data = _unpack(data)
    elif encoding != "identity":
        message = f"unknown Content-Encoding {cut(encoding)!r}; send gzip or no encoding."
        raise Problem(415, "UNSUPPORTED_MEDIA_TYPE", message)
    if not data:
        if check.needs_body:
            raise problems.invalid([problems.entry(["body"], "a JSON body is required", "missing")])
        return None
    if not request.is_json:
        message = "Send the body as JSON, with the header Content-Type: application/json."
        raise Problem(415, "UNSUPPORTED_MEDIA_TYPE", message)
    try:
        body = read_json(data)
    except ValueError as error:
        raise problems.invalid([problems.entry(["body"], str(error), "json_invalid")]) from error
    check.body(body)
    return body


def _unpack(data: bytes) -> bytes:
    """Unpack a gzip body, but at most `LARGEST_BODY`: a small one may unpack to gigabytes."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(data, LARGEST_BODY)
    except zlib.error as error:
        raise problems.bad_request(f"The body is not valid gzip data: {error}.") from error
    if unpacker.unconsumed_tail:
        raise _too_large()
    if not unpacker.eof:
        raise problems.bad_request("The body is not valid gzip data: it ends too early.")
    return content


def _json(status: int, content: Any) -> flask.Response:
    """Return a JSON reply; NaN and infinity become null."""
    return flask.Response(orjson.dumps(content), status, mimetype="application/json")


def _response(reply: Reply) -> flask.Response:
    content = reply.content
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


def _explain(error: Exception) -> flask.Response:
    """Turn the exception that ended a request into the contract's error reply."""
    correlation_id = uuid4().hex
    problem = _problem(error, correlation_id)
    response = flask.Response(problem.body(), problem.status, mimetype="application/json")
    response.headers.update(problem.headers)
    response.headers["x-correlation-id"] = correlation_id
    return response


def _problem(error: Exception, correlation_id: str) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return _from_http(error)
    request = f"{flask.request.method} {flask.request.path}"
    fault = fault_of(error)
    if fault is not None:
        log.warning("%s failed (%s): %s", request, correlation_id, fault.reason)
        return _from_fault(fault)
    log.error("%s failed (%s)", request, correlation_id, exc_info=error)
    message = f"The engine failed on this request; see {correlation_id} in its log."
    return Problem(500, "INTERNAL_ERROR", message)


def _from_http(error: HTTPException) -> Problem:
    """Translate an error that Flask raised."""
    if error.code == 404:
        return _no_such_address()
    if error.code == 405:
        return _wrong_method(sorted(getattr(error, "valid_methods", None) or []))
    if error.code == 413:
        return _too_large()
    return Problem(error.code or 500, "BAD_REQUEST", error.description or error.name)


def _from_fault(fault: Fault) -> Problem:
    retry = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return Problem(fault.status, fault.error_code, fault.message, headers=retry)


def _refuse_method(allowed: list[str], **_path: str) -> flask.Response:
    raise _wrong_method(allowed)


def _wrong_method(allowed: Sequence[str]) -> Problem:
    names = ", ".join(allowed)
    message = f"{cut(flask.request.path)} does not take {flask.request.method}, only {names}."
    return Problem(405, "METHOD_NOT_ALLOWED", message, headers={"Allow": names})


def _no_such_address() -> Problem:
    message = (
        f"There is nothing at {flask.request.method} {cut(flask.request.path)}; "
        "/discovery/capabilities names the contract."
    )
    return Problem(404, "NOT_FOUND", message)


def _too_large() -> Problem:
    size = LARGEST_BODY // 1024**2
    message = f"The body is larger than {size} MiB; split the request."
    return Problem(413, "PAYLOAD_TOO_LARGE", message)
