"""Bring an upload to a stage, print it, and wait until a test kills this process.

The stages: ``begun`` (no file sent), ``sending`` (half of the file has come), ``sent`` (not
confirmed), ``processing`` (confirmed, while the steps are derived) and ``extending`` (the same
for added rows).
"""

import sys
import threading
from pathlib import Path

from attrs import evolve

from ionworks.server.app import create_app
from tests.unit.server.engines import QUICK, client_of
from tests.unit.server.uploading import (
    confirm,
    initiate,
    make_cell,
    measure,
    parquet,
    put,
    send,
    series,
)

folder, stage = Path(sys.argv[1]), sys.argv[2]
stalled = evolve(QUICK, process_measurement="tests.unit.server.stalled:process")


class HalfBody:
    """The body of a request whose second half never comes."""

    def __init__(self, content):
        self.pieces = [content[: len(content) // 2]]

    def read(self, _size=-1):
        if not self.pieces:
            say("sending")
            threading.Event().wait()
        return self.pieces.pop()


def say(word):
    sys.stdout.write(f"{word} {measurement_id} {cell}\n")
    sys.stdout.flush()


if stage == "extending":
    app = create_app(folder, targets=QUICK, workers=1)
    with client_of(app) as api:
        cell = make_cell(api)
        measurement_id = measure(api, cell)["id"]
    app.close()
app = create_app(folder, targets=stalled, workers=1)
api = client_of(app)
if stage == "extending":
    path = f"/cell_measurements/{measurement_id}"
    begun = api.post(f"{path}/initiate-extend", json={}).json()
    put(api, begun, parquet(series(steps=2, start=10)), "time_series_extend.parquet")
    assert api.post(f"{path}/confirm-extend", json={}).status_code == 200
else:
    cell = make_cell(api)
    upload = initiate(api, cell)
    measurement_id = upload["measurement_id"]
    if stage == "sending":
        content = parquet(series())
        send(app, upload["uploads"][0]["signed_url"], HalfBody(content), len(content))
    if stage in ("sent", "processing"):
        assert put(api, upload, parquet(series())).status_code == 200
    if stage == "processing":
        assert confirm(api, cell, upload).status_code == 200
if stage in ("processing", "extending"):
    while not (folder / "blobs" / "stalled").exists():
        threading.Event().wait(0.01)
say(stage)
threading.Event().wait()
