"""The client as a whole: settings, resources, closing."""

import gc
import inspect
import os
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from ionworks import Ionworks
from ionworks.errors import ClientClosedError
from ionworks.resources.resource import Resource

RESOURCES = ("simulation", "job", "project", "model", "parameterized_model", "protocol")


def offline(**options: Any) -> Ionworks:
    """A client that fails the test if it sends a request."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"sent {request.method} {request.url}")

    return Ionworks(**{"api_key": "KEY", "transport": httpx.MockTransport(refuse), **options})


def answering(reply: Any, seen: list[httpx.Request] | None = None, **options: Any) -> Ionworks:
    def serve(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return httpx.Response(200, json=reply)

    return Ionworks(**{"api_key": "KEY", "transport": httpx.MockTransport(serve), **options})


def test_the_constructor_has_the_documented_signature() -> None:
    parameters = list(inspect.signature(Ionworks).parameters.values())
    assert [parameter.name for parameter in parameters] == [
        "api_key", "api_url", "project_id", "dataframe_backend", "timeout", "max_retries",
        "token", "organization_id", "transport", "history", "cluster",
    ]  # fmt: skip
    assert parameters[-1].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters[4].default == 10
    assert parameters[5].default == 5


def test_a_client_can_come_from_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IONWORKS_API_KEY", "KEY")
    monkeypatch.setenv("IONWORKS_PROJECT_ID", "PROJECT")
    client = Ionworks()
    assert client.project_id == "PROJECT"
    assert client.settings.api_url == "https://api.ionworks.com"
    client.close()


def test_the_old_project_variable_warns_where_the_client_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PROJECT_ID", "OLD")
    with pytest.warns(DeprecationWarning, match="IONWORKS_PROJECT_ID") as caught:
        assert offline().project_id == "OLD"
    # `offline` above is the line that made the client.
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "wrong",
    [
        {"timeout": 0},
        {"max_retries": -1},
        {"dataframe_backend": "dask"},
        {"api_url": "api.ionworks.com"},
        {"api_key": ""},
        {"project_id": ""},
    ],
)
def test_an_invalid_setting_is_rejected(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        offline(**wrong)


def test_without_credential_the_remedy_is_given() -> None:
    with pytest.raises(ValueError, match=r"IONWORKS_API_KEY.*Ionworks\.local\(\)"):
        Ionworks()


@pytest.mark.parametrize("credential", [{"api_key": "HUSH"}, {"token": "HUSH"}])
def test_no_repr_shows_a_credential(credential: dict[str, str]) -> None:
    client = offline(**{"api_key": None, **credential})
    for thing in (client, client.settings, client.api, client.job, client._connection):
        assert "HUSH" not in repr(thing)
    assert repr(client) == "Ionworks(api_url='https://api.ionworks.com', project_id=None)"


@pytest.mark.parametrize("name", RESOURCES)
def test_each_resource_is_made_once(name: str) -> None:
    client = offline()
    resource = getattr(client, name)
    assert isinstance(resource, Resource)
    assert getattr(client, name) is resource


def test_a_resource_outlives_the_client_it_came_from() -> None:
    projects = answering({"items": [], "count": 0, "total": 0}).project
    gc.collect()
    assert projects.list() == []


def test_the_generated_client_is_there_and_sends_the_key() -> None:
    from ionworks_api_client.api.project import get_project

    seen: list[httpx.Request] = []
    client = answering({"id": "p"}, seen)
    reply = get_project.sync_detailed("p", client=client.api)
    assert reply.parsed is not None
    assert reply.parsed.id == "p"
    assert seen[0].headers["X-API-Key"] == "KEY"


def test_leaving_the_block_closes_the_client() -> None:
    with answering({"status": "ok"}) as client:
        assert client.healthz() == {"status": "ok"}
    with pytest.raises(ClientClosedError, match="this client is closed") as caught:
        client.healthz()
    assert isinstance(caught.value, RuntimeError)
    client.close()


def test_a_wait_of_a_closed_client_ends_at_once() -> None:
    client = answering([])
    client.close()
    with pytest.raises(ClientClosedError):
        client.simulation.wait_for_completion("s", verbose=False)


def test_questions_about_the_service() -> None:
    seen: list[httpx.Request] = []
    assert answering({"status": "ok"}, seen).healthz() == {"status": "ok"}
    user = {"id": "u", "email": "ada@example.com", "default_project_id": "p"}
    assert answering(user, seen).whoami() == user
    assert answering({"openapi_spec": "/x"}, seen).capabilities()["openapi_spec"] == "/x"
    assert [(request.method, request.url.path) for request in seen] == [
        ("GET", "/healthz"),
        ("GET", "/users/me"),
        ("GET", "/discovery/capabilities"),
    ]


# ---------------------------------------------------------------- local


def test_local_takes_a_folder_in_any_form(tmp_path: Path) -> None:
    def folder(path: Any) -> Path | None:
        return offline_local(path).settings.local_folder

    assert folder(None) is None
    assert folder("runs") == Path("runs")
    assert folder(tmp_path) == tmp_path
    assert folder(os.fspath(tmp_path)) == tmp_path


def offline_local(path: Any = None, **options: Any) -> Ionworks:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"sent {request.method} {request.url}")

    return Ionworks.local(path, **{"transport": httpx.MockTransport(refuse), **options})


def test_local_needs_no_key_and_its_repr_shows_local() -> None:
    assert repr(offline_local("runs")) == "Ionworks(api_url='local:runs', project_id=None)"


class BytesPath:
    def __fspath__(self) -> bytes:
        return b"runs"


def test_local_takes_the_other_options_but_no_url() -> None:
    assert offline_local(project_id="p", timeout=3).project_id == "p"
    with pytest.raises(TypeError, match="path must be text"):
        offline_local(BytesPath())
    with pytest.raises(TypeError, match="give the folder as path"):
        offline_local(api_url="https://host")


@pytest.mark.parametrize(
    ("path", "error"), [("", ValueError), ("  ", ValueError), (3, TypeError), (b"runs", TypeError)]
)
def test_an_invalid_folder_is_rejected_with_the_name_of_the_argument(
    path: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"path .*" + re.escape(repr(path))):
        offline_local(path)


def test_local_asks_the_engine_for_its_project_once() -> None:
    asked: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.url.path}?{request.url.query.decode()}")
        if request.url.path == "/users/me":
            return httpx.Response(200, json={"id": "u", "default_project_id": "P"})
        return httpx.Response(200, json={"items": [], "count": 0, "total": 0})

    client = Ionworks.local(transport=httpx.MockTransport(serve))
    client.model.list()
    client.parameterized_model.list_by_project()
    assert asked == [
        "/users/me?",
        "/models?project_id=P",
        "/parameterized_models?project_id=P",
    ]


def test_a_remote_service_is_not_asked_for_a_project() -> None:
    with pytest.raises(ValueError, match="IONWORKS_PROJECT_ID"):
        offline().model.list()


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("", ValueError),
        (" ", ValueError),
        (".", ValueError),
        ("..", ValueError),
        ("a\nb", ValueError),
        ("\ud800", ValueError),
        (7, TypeError),
        (None, TypeError),
        (b"x", TypeError),
    ],
)
def test_invalid_ids_are_rejected_before_any_request(value: Any, error: type[Exception]) -> None:
    client = offline(project_id="p")
    for get in (
        client.job.get,
        client.project.get,
        client.model.get,
        client.parameterized_model.get,
    ):
        with pytest.raises(error, match=r"_id (must be|contains characters)"):
            get(value)
