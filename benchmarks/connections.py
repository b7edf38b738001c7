"""Latency of a served engine for 50 clients, without and with connections that only occupy it.

The attackers open idle connections, send headers a byte at a time, and send bodies that never
end. They run in another process, so that they do not slow the measuring clients down. The clients
use new connections while the attack lasts, and a tenth of their requests opens another one.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from statistics import quantiles
from urllib.parse import urlsplit

from measure import machine, table
from served import KEY, serve

#: Seconds between two requests of a client.
PAUSE = 0.2
#: Seconds after which a request counts as failed.
PATIENCE = 5.0
REQUESTS_PER_CONNECTION = 10
#: Seconds in which the attackers open their connections.
SETTLING = 3.0


# ---------------------------------------------------------------- the attack
async def _idle(host: str, port: int) -> None:
    """Hold a connection and send nothing; open it again when the server closes it."""
    while True:
        with contextlib.suppress(OSError):
            reader, _writer = await asyncio.open_connection(host, port)
            await reader.read()
        await asyncio.sleep(1)


async def _trickle(host: str, port: int, start: bytes, byte: bytes) -> None:
    """Send a request a byte per second, and never finish it."""
    while True:
        with contextlib.suppress(OSError):
            _reader, writer = await asyncio.open_connection(host, port)
            writer.write(start)
            while True:
                writer.write(byte)
                await writer.drain()
                await asyncio.sleep(1)
        await asyncio.sleep(1)


async def _attack(host: str, port: int, idle: int, half_open: int, begun: Event) -> None:
    body = (
        f"POST /simulations/statuses HTTP/1.1\r\nHost: {host}:{port}\r\nX-API-Key: {KEY}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    ).encode()
    work = [_idle(host, port) for _ in range(idle)]
    for index in range(half_open):
        start = body if index % 2 else b"GET /projects HTTP/1.1\r\nX-Padding: "
        work.append(_trickle(host, port, start, b"a"))
    tasks = [asyncio.create_task(each) for each in work]
    await asyncio.sleep(SETTLING)
    begun.set()
    await asyncio.gather(*tasks)


def _attacker(host: str, port: int, idle: int, half_open: int, begun: Event) -> None:
    asyncio.run(_attack(host, port, idle, half_open, begun))


@contextlib.contextmanager
def attack(host: str, port: int, idle: int, half_open: int) -> Iterator[None]:
    """Attack a server from another process."""
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    process = context.Process(target=_attacker, args=(host, port, idle, half_open, begun))
    process.start()
    try:
        begun.wait()
        yield
    finally:
        process.terminate()
        process.join()


# ---------------------------------------------------------------- the clients
class Clients:
    """Clients that each send a request every `PAUSE` seconds."""

    def __init__(self, host: str, port: int, path: str) -> None:
        self._host, self._port, self._path = host, port, path
        self.milliseconds: list[float] = []
        self.failed = 0

    def run(self, count: int, seconds: float) -> None:
        """Send requests for a time."""
        end = time.monotonic() + seconds
        threads = [threading.Thread(target=self._work, args=(end,)) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, end: float) -> None:
        while time.monotonic() < end:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE)
            with contextlib.closing(connection):
                for _ in range(REQUESTS_PER_CONNECTION):
                    if not self._ask(connection) or time.monotonic() > end:
                        break
                    time.sleep(PAUSE)

    def _ask(self, connection: http.client.HTTPConnection) -> bool:
        began = time.perf_counter()
        try:
            connection.request("GET", self._path, headers={"X-API-Key": KEY})
            response = connection.getresponse()
            response.read()
        except OSError:
            self.failed += 1
            return False
        if response.status != 200:
            self.failed += 1
        self.milliseconds.append(1e3 * (time.perf_counter() - began))
        return True


def _row(name: str, clients: Clients) -> list[str]:
    samples = clients.milliseconds
    cuts = quantiles(samples, n=100) if len(samples) > 1 else [float("nan")] * 99
    return [
        name,
        str(len(samples)),
        str(clients.failed),
        *(f"{cuts[percent - 1]:.1f}" for percent in (50, 99)),
        f"{max(samples, default=float('nan')):.1f}",
    ]


def main() -> None:
    """Measure one server and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", help="a server that runs already, with the key " + KEY)
    parser.add_argument("--path", default="/projects", help="what the clients ask for")
    parser.add_argument("--idle", type=int, default=1000)
    parser.add_argument("--half-open", type=int, default=200)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        url = options.url
        if url is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url, _ = stack.enter_context(serve(folder))
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        rows = []
        for name in ("alone", "attacked"):
            idle, half_open = (options.idle, options.half_open) if name == "attacked" else (0, 0)
            clients = Clients(host, port, options.path)
            with attack(host, port, idle, half_open):
                clients.run(options.clients, options.seconds)
            rows.append(_row(name, clients))
    print(
        f"{options.clients} clients of a served engine, for {options.seconds:g} s each, beside "
        f"{options.idle} idle connections and {options.half_open} half-open ones; {machine()}\n"
    )
    header = ["server", "replies", "failed", "p50 [ms]", "p99 [ms]", "longest [ms]"]
    print(table(header, rows))


if __name__ == "__main__":
    main()
