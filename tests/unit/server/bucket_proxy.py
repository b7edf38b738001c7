"""A server between an engine and the object store of the tests, which fails when a test asks."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx

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
        self.client = httpx.Client(transport=httpx.HTTPTransport())
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.proxy = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self._thread = Thread(target=self.server.serve_forever, args=[0.01], daemon=True)
        self._thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.client.close()

    def reply(self, method, path, headers, body):
        """Return status, content and headers of the reply to a request."""
        self.requests.append(method)
        if self.answer is not None:
            return *self.answer, {}
        sent = {name: value for name, value in headers.items() if name.lower() != "host"}
        # The signature is not checked by moto, whose address is another one.
        reply = self.client.request(
            method, object_store.endpoint() + path, content=body, headers=sent
        )
        return reply.status_code, reply.content, reply.headers


class _Handler(BaseHTTPRequestHandler):
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
