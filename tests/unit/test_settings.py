"""Settings from arguments, environment variables and defaults."""

import warnings
from pathlib import Path
from typing import Any

import pytest

from ionworks.settings import DEFAULT_URL, Settings, proxy_for


def resolve(**arguments: Any) -> Settings:
    return Settings.resolve(**{"api_key": "key", **arguments})


def test_defaults() -> None:
    settings = resolve()
    assert settings.api_url == DEFAULT_URL == "https://api.ionworks.com"
    assert settings.timeout == 10.0
    assert settings.max_retries == 5
    assert settings.project_id is None
    assert settings.organization_id is None
    assert settings.dataframe_backend is None
    assert not settings.is_local
    assert not settings.is_internal


def test_a_cluster_is_that_of_the_embedded_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve(api_url="local").local_cluster is None
    assert resolve(api_url="local", cluster=" tls://a:1 ").local_cluster == "tls://a:1"
    monkeypatch.setenv("IONWORKS_CLUSTER", "tls://b:1")
    assert resolve(api_url="local").local_cluster == "tls://b:1"
    assert resolve(api_url="local", cluster="tls://a:1").local_cluster == "tls://a:1"
    assert resolve().local_cluster is None
    with pytest.raises(ValueError, match="cluster applies to the embedded engine"):
        resolve(cluster="tls://a:1")
    with pytest.raises(ValueError, match="cluster must be text"):
        resolve(api_url="local", cluster=" ")


CREDENTIALS = [
    # arguments, environment, expected (key, token)
    ({"api_key": "a"}, {}, ("a", None)),
    ({"token": "t"}, {}, (None, "t")),
    ({"api_key": "a", "token": "t"}, {}, (None, "t")),
    ({}, {"API_KEY": "e"}, ("e", None)),
    ({}, {"API_TOKEN": "f"}, (None, "f")),
    ({}, {"API_KEY": "e", "API_TOKEN": "f"}, (None, "f")),
    ({"api_key": "a"}, {"API_KEY": "e", "API_TOKEN": "f"}, ("a", None)),
    ({"token": "t"}, {"API_KEY": "e", "API_TOKEN": "f"}, (None, "t")),
    ({"api_key": " a\n"}, {}, ("a", None)),
    ({}, {"API_KEY": "e\n", "API_TOKEN": " "}, ("e", None)),
]


@pytest.mark.parametrize(("arguments", "environment", "expected"), CREDENTIALS)
def test_arguments_take_precedence_over_the_environment_and_a_token_over_a_key(
    arguments: dict[str, str],
    environment: dict[str, str],
    expected: tuple[str | None, str | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"IONWORKS_{name}", value)
    settings = Settings.resolve(**arguments)  # type: ignore[arg-type]  # a table of keyword arguments
    assert (settings.api_key, settings.token) == expected


def test_without_credential_every_way_to_give_one_is_listed() -> None:
    with pytest.raises(ValueError, match="no credential") as caught:
        Settings.resolve()
    for way in ("api_key=", "IONWORKS_API_KEY", "token=", "IONWORKS_API_TOKEN", "Ionworks.local()"):
        assert way in str(caught.value)


@pytest.mark.parametrize(
    ("argument", "variable", "attribute"),
    [
        ("api_url", "IONWORKS_API_URL", "api_url"),
        ("project_id", "IONWORKS_PROJECT_ID", "project_id"),
        ("organization_id", "IONWORKS_ORGANIZATION_ID", "organization_id"),
    ],
)
def test_an_argument_takes_precedence_over_its_variable(
    argument: str, variable: str, attribute: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "https://environment")
    assert getattr(resolve(), attribute) == "https://environment"
    assert getattr(resolve(**{argument: "https://argument"}), attribute) == "https://argument"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_URL", "PROJECT_ID", "ORGANIZATION_ID", "DATAFRAME_BACKEND", "API_TOKEN"):
        monkeypatch.setenv(f"IONWORKS_{name}", " ")
    monkeypatch.setenv("IONWORKS_INTERNAL_CLIENT", "")
    monkeypatch.setenv("IONWORKS_HISTORY", " ")
    assert resolve() == Settings(api_url=DEFAULT_URL, api_key="key")


def test_the_old_project_variable_still_works_but_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROJECT_ID", "old")
    with pytest.warns(DeprecationWarning, match="rename it to IONWORKS_PROJECT_ID"):
        assert resolve().project_id == "old"


def test_the_old_project_variable_is_not_read_without_need(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PROJECT_ID", "old")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert resolve(project_id="argument").project_id == "argument"
        monkeypatch.setenv("IONWORKS_PROJECT_ID", "new")
        assert resolve().project_id == "new"


@pytest.mark.parametrize("backend", ["polars", "pandas"])
def test_the_backend_of_data_frames(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve(dataframe_backend=backend).dataframe_backend == backend
    assert resolve().default_dataframe_backend == "polars"
    monkeypatch.setenv("IONWORKS_DATAFRAME_BACKEND", backend)
    assert resolve().dataframe_backend is None
    assert resolve().default_dataframe_backend == backend
    assert resolve(dataframe_backend="polars").dataframe_backend == "polars"


def test_the_variable_of_the_backend_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IONWORKS_DATAFRAME_BACKEND", "dask")
    with pytest.raises(ValueError, match="IONWORKS_DATAFRAME_BACKEND must be one of polars, pan"):
        resolve()


def test_the_internal_client_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IONWORKS_INTERNAL_CLIENT", "1")
    assert resolve().is_internal


BAD = [
    ({"api_key": ""}, "api_key is empty"),
    ({"api_key": 5}, "api_key must be text"),
    ({"api_key": "two words"}, "api_key has a space"),
    ({"api_key": "line\nbreak"}, "api_key has"),
    ({"api_key": "schlüssel"}, "api_key has"),
    ({"token": " "}, "token is empty"),
    ({"token": b"bytes"}, "token must be text"),
    ({"organization_id": "a\r\nX-Evil: 1"}, "organization_id has"),
    ({"project_id": ""}, "project_id must be text"),
    ({"project_id": 7}, "project_id must be text"),
    ({"dataframe_backend": "dask"}, "dataframe_backend must be one of polars, pandas, not 'dask'"),
    ({"dataframe_backend": "Pandas"}, "dataframe_backend must be one of"),
    ({"dataframe_backend": 3}, "dataframe_backend must be one of"),
    ({"timeout": 0}, "timeout must be a number of seconds above 0, not 0"),
    ({"timeout": -1.0}, "timeout must be"),
    ({"timeout": "10"}, "timeout must be"),
    ({"timeout": True}, "timeout must be"),
    ({"timeout": None}, "timeout must be"),
    ({"timeout": float("nan")}, "timeout must be"),
    ({"timeout": float("inf")}, "timeout must be"),
    ({"max_retries": -1}, "max_retries must be a whole number"),
    ({"max_retries": True}, "max_retries must be"),
    ({"max_retries": 2.5}, "max_retries must be"),
    ({"max_retries": None}, "max_retries must be"),
    ({"api_url": ""}, "api_url must be text"),
    ({"api_url": "api.ionworks.com"}, "does not start with https://"),
    ({"api_url": "localhost:8000"}, "does not start with https://"),
    ({"api_url": "ftp://host"}, "does not start with https://"),
    ({"api_url": "https:/host"}, "does not start with https://"),
    ({"api_url": "https://"}, "contains no host"),
    ({"api_url": "https://ho st"}, "contains no host"),
    ({"api_url": "https://host:0"}, "contains no host"),
    ({"api_url": "https://host:port"}, "is not a URL"),
    ({"api_url": "https://[::1"}, "is not a URL"),
    ({"api_url": "https://host?x=1"}, "has a query or fragment"),
    ({"api_url": "https://host#x"}, "has a query or fragment"),
    ({"api_url": "local:"}, "contains no folder"),
    ({"api_url": "local://dir"}, "contains no folder"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=lambda value: repr(value)[:60])
def test_bad_settings_are_rejected_with_the_remedy(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        resolve(**arguments)


@pytest.mark.parametrize(
    "arguments", [{"api_key": "se cret"}, {"api_url": "https://user:secret@host"}]
)
def test_no_message_shows_a_secret(arguments: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="api_") as caught:
        resolve(**arguments)
    assert "secret" not in str(caught.value)
    assert "se cret" not in str(caught.value)


def test_the_repr_shows_no_secret() -> None:
    assert "hush" not in repr(Settings.resolve(api_key="hush"))
    assert "hush" not in repr(Settings.resolve(token="hush"))


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://host/", "https://host"),
        ("http://127.0.0.1:8080//", "http://127.0.0.1:8080"),
        ("https://host/prefix/", "https://host/prefix"),
        ("http://far.example", "http://far.example"),
        (" https://host ", "https://host"),
    ],
)
def test_the_url_loses_its_trailing_slash(given: str, used: str) -> None:
    assert resolve(api_url=given).api_url == used


@pytest.mark.parametrize(
    ("url", "folder"),
    [("local", None), ("LOCAL", None), ("local:runs", Path("runs")), ("local:/a/b", Path("/a/b"))],
)
def test_local_needs_no_credential(url: str, folder: Path | None) -> None:
    settings = Settings.resolve(api_url=url)
    assert settings.is_local
    assert settings.api_url == "local"
    assert settings.local_folder == folder
    assert settings.api_key is settings.token is None


def test_local_can_be_chosen_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IONWORKS_API_URL", "local:runs")
    monkeypatch.setenv("IONWORKS_PROJECT_ID", "project")
    settings = Settings.resolve()
    assert settings.is_local
    assert settings.local_folder == Path("runs")
    assert settings.project_id == "project"


def test_local_by_argument_ignores_the_project_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IONWORKS_PROJECT_ID", "of-the-remote-service")
    assert Settings.resolve(api_url="local").project_id is None
    assert Settings.resolve(api_url="local", project_id="mine").project_id == "mine"


def test_only_the_scheme_local_selects_the_engine() -> None:
    for url in ("http://local", "https://local.example", "http://localhost:1"):
        assert not resolve(api_url=url).is_local


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://api.ionworks.com", "http://proxy:3128"),
        ("http://api.ionworks.com", None),
        ("https://inside.example", None),
    ],
)
def test_the_proxy_of_the_environment(
    url: str, proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "proxy:3128")
    monkeypatch.setenv("NO_PROXY", "inside.example")
    monkeypatch.setenv("no_proxy", "inside.example")
    assert proxy_for(url) == proxy


@pytest.mark.parametrize(
    ("argument", "variable", "expected"),
    [
        (None, None, True),
        (None, "0", False),
        (None, "Off", False),
        (None, "1", True),
        (None, " ", True),
        (True, "0", True),
        (False, "1", False),
    ],
)
def test_the_history_is_on_unless_it_is_turned_off(
    argument: bool | None, variable: str | None, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IONWORKS_HISTORY", raising=False)
    if variable is not None:
        monkeypatch.setenv("IONWORKS_HISTORY", variable)
    assert resolve(history=argument).history is expected


def test_a_history_that_is_neither_on_nor_off_is_refused() -> None:
    with pytest.raises(ValueError, match="history must be True or False, not 'no'"):
        resolve(history="no")
