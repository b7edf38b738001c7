"""A server between an engine and the object store of the tests, which fails when a test asks."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from tests import object_store

#: Answers: status and content.
DENIED = (403, b"<Error><Code>AccessDenied</Code></Error>")
NO_BUCKET = (404, b"<Error><Code>NoSuchBucket</Code></Error>")
SLOW_DOWN = (503, b"<Error><Code>SlowDown</Code></Error>")
_HEADERS = ("ETag", "Last-Modified", "Content-Range", "Content-Type")


class Proxy:
    """Passes requests on, or answers with ``answer``; ``sent`` counts the bytes of its replies."""

    def __init__(self):
        self.answer = None
        self.sent = 0
        self.requests = []
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.proxy = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self._thread = Thread(target=self.server.serve_forever, args=[0.01], daemon=True)
        self._thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def reply(self, method, path, headers, body):
        """Return status, content and headers of the reply to a request."""
        self.requests.append(method)
        if self.answer is not None:
            return *self.answer, {}
        # The host is part of what is signed.
        with closing(HTTPConnection(urlsplit(object_store.endpoint()).netloc)) as connection:
            connection.request(method, path, body, dict(headers))
            reply = connection.getresponse()
            return reply.status, reply.read(), reply.headers


class _Server(ThreadingHTTPServer):
    proxy: Proxy


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def _pass_on(self):
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, content, headers = proxy.reply(self.command, self.path, self.headers, body)
        proxy.sent += len(content)
        self.send_response(status)
        for name in _HEADERS:
            if name in headers:
                self.send_header(name, headers[name])
        is_head = self.command == "HEAD"
        length = headers.get("Content-Length", "0") if is_head else len(content)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if not is_head:
            self.wfile.write(content)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _pass_on  # noqa: N815 names of the library

    def log_message(self, *_):
        """Write nothing."""
