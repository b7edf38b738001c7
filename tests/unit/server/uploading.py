"""Helpers of tests of measurements: make a cell, upload to it, wait, read back."""

import io
from urllib.parse import urlsplit

import httpx
import polars as pl

from tests import object_store
from tests.unit.server.engines import wait_until

PARQUET = {"Accept": "application/vnd.apache.parquet"}


def make_cell(api, name="M50", project="default"):
    body = {"name": name, "project_id": project}
    spec = api.post("/cell_specifications", json=body).json()
    return api.post(f"/cell_specifications/{spec['id']}/cell_instances", json={"name": "1"}).json()[
        "id"
    ]


def series(steps=10, rows=20, start=0):
    """A time series of alternating discharges and rests, one row a second."""
    count = steps * rows
    row = pl.int_range(start * rows, start * rows + count)
    return pl.select(
        row.cast(pl.Float64).alias("Time [s]"),
        (4 - row / 10_000).alias("Voltage [V]"),
        (row // rows % 2).cast(pl.Float64).alias("Current [A]"),
        (row // rows).alias("Step count"),
        (row // (rows * 4)).alias("Cycle count"),
    )


def parquet(frame):
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def content_of(reply):
    """Return the file of a reply, or that to which it redirects in the object store."""
    if reply.status_code == 307:
        reply = httpx.get(reply.headers["Location"], timeout=object_store.PATIENCE)
    assert reply.status_code == 200, reply.text
    return reply.content


def frame_of(reply):
    return pl.read_parquet(io.BytesIO(content_of(reply)))


def initiate(api, cell, name="C/20", **fields):
    body = {"measurement": {"name": name}, **fields}
    reply = api.post(f"/cell_instances/{cell}/cell_measurements/initiate-upload", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()


def put(api, upload, content, filename="time_series.parquet"):
    [url] = [each["signed_url"] for each in upload["uploads"] if each["filename"] == filename]
    return api.put(url, content=content)


def send(app, url, body, length):
    """PUT a body of another length than announced; returns the status of the reply."""
    environ = {
        "REQUEST_METHOD": "PUT",
        "PATH_INFO": urlsplit(url).path,
        "QUERY_STRING": "",
        "SERVER_NAME": "engine",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": body,
        **({} if length is None else {"CONTENT_LENGTH": str(length)}),
    }
    statuses = []
    list(app(environ, lambda status, headers, exc_info=None: statuses.append(status)))
    return int(statuses[0].split()[0])


def confirm(api, cell, upload, name="C/20", **fields):
    body = {"cell_instance_id": cell, "measurement": {"name": name}, **fields}
    return api.post(f"/cell_measurements/{upload['measurement_id']}/confirm-upload", json=body)


def begin(api, cell, frame=None, name="C/20", **written):
    """Upload a time series; returns the measurement, which is to be processed."""
    upload = initiate(api, cell, name)
    assert put(api, upload, parquet(series() if frame is None else frame)).status_code == 200
    reply = confirm(api, cell, upload, measurement={"name": name, **written})
    assert reply.status_code == 200, reply.text
    return reply.json()


def measure(api, cell, frame=None, name="C/20", **written):
    """Upload a time series and wait until it is processed; returns the measurement."""
    return processed(api, begin(api, cell, frame, name, **written)["id"])


def processed(api, identifier):
    """Wait until a measurement is ready or has failed, and return it."""
    path = f"/cell_measurements/{identifier}"
    wait_until(lambda: api.get(path).json()["processing_status"] in ("ready", "failed"))
    return api.get(path).json()


def data_files(app):
    """Return every file among the data of measurements, also hidden ones."""
    found = object_store.files_at(app.services.store.blobs, "measurements")
    return [key.removeprefix("measurements/") for key in found]


def open_uploads(app):
    with app.services.store.reading() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM uploads").scalar_one()


def measurements_of(api, cell):
    return api.get(f"/cell_instances/{cell}/cell_measurements").json()["items"]
