"""The options of a served engine, from the command line and the environment."""

from pathlib import Path

import pytest

from ionworks.server import options

KEY = {"IONWORKS_API_KEY": "key"}
SECRET = {"IONWORKS_SECRET": "0123456789abcdef" * 4}
WEB = {**KEY, **SECRET, "IONWORKS_ROLE": "web"}


def read(line="", **environment):
    return options.read(line.split(), environment)


def test_without_options_one_process_does_all_on_loopback():
    found = read(**KEY)

    assert (found.role, found.host, found.port) == ("all", "127.0.0.1", 8000)
    assert (found.database, found.blobs, found.cluster, found.path) == (None,) * 4
    assert (found.api_key, found.secret, found.metrics_port) == ("key", None, None)


def test_options_are_read_from_the_environment():
    found = read(
        **WEB,
        IONWORKS_DATABASE="postgresql://user:word@db.example.com/cells",
        IONWORKS_BLOBS="s3://bucket/cells",
        IONWORKS_CLUSTER="tls://scheduler:8786",
        IONWORKS_PUBLIC_URL="https://cells.example.com",
        IONWORKS_PATH="/srv/cells",
        IONWORKS_METRICS_PORT="9000",
        IONWORKS_LOG_FORMAT="json",
        IONWORKS_LOG_LEVEL="info",
    )

    assert found.role == "web"
    assert found.database == "postgresql://user:word@db.example.com/cells"
    assert (found.blobs, found.cluster) == ("s3://bucket/cells", "tls://scheduler:8786")
    assert (found.public_url, found.path) == ("https://cells.example.com", Path("/srv/cells"))
    assert (found.metrics_port, found.log_format, found.log_level) == (9000, "json", "info")
    assert found.secret == SECRET["IONWORKS_SECRET"]


def test_the_command_line_takes_precedence():
    found = read("--role all --log-level error --metrics-port 0", **WEB, IONWORKS_METRICS_PORT="1")

    assert (found.role, found.log_level, found.metrics_port) == ("all", "error", 0)


def test_an_empty_variable_is_none():
    assert read(**KEY, IONWORKS_DATABASE="", IONWORKS_ROLE="").database is None


def test_a_dispatcher_needs_no_key():
    assert read("--role dispatch").api_key is None


def test_what_is_secret_is_not_in_the_repr():
    found = read(**WEB, IONWORKS_DATABASE="postgresql://user:password@db/cells")

    assert not [
        each for each in ("password", "'key'", SECRET["IONWORKS_SECRET"]) if each in repr(found)
    ]


@pytest.mark.parametrize(
    ("line", "environment", "words"),
    [
        ("", {}, "set IONWORKS_API_KEY"),
        ("--no-key --host 0.0.0.0", {}, "--no-key would give access"),
        ("--role web", KEY, "set IONWORKS_SECRET to the same random text"),
        ("--role web", {**KEY, "IONWORKS_SECRET": "short"}, "IONWORKS_SECRET has 5 characters"),
        ("", {**KEY, "IONWORKS_ROLE": "king"}, "IONWORKS_ROLE='king' is not a role"),
        ("--cluster tcp://192.0.2.1:8786", KEY, "without encryption"),
        ("--cluster scheduler:8786", KEY, "is not the address of a Dask scheduler"),
        ("--database postgresql://u:sesame@db/x", KEY, "set IONWORKS_DATABASE to the URL instead"),
        ("--database postgresql://u@db.example.com/x", KEY, "has no password"),
        ("--database mysql://u@127.0.0.1/x", KEY, "unknown kind of database"),
        ("--role web --workers 2", WEB, "--workers has no effect with --role web"),
        ("--role web --run-limit 5", WEB, "--run-limit has no effect with --role web"),
        ("--role dispatch --no-key", {}, "--no-key has no effect with --role dispatch"),
        ("--role dispatch --public-url https://x", {}, "--public-url has no effect"),
        ("--metrics-port 70000", KEY, "--metrics-port 70000"),
        ("", {**KEY, "IONWORKS_METRICS_PORT": "many"}, "IONWORKS_METRICS_PORT='many'"),
        ("", {**KEY, "IONWORKS_LOG_FORMAT": "xml"}, "IONWORKS_LOG_FORMAT='xml': use text, json"),
        ("", {**KEY, "IONWORKS_LOG_LEVEL": "loud"}, "IONWORKS_LOG_LEVEL='loud': use debug"),
        ("--grace -1", KEY, "--grace -1"),
        ("--grace nan", KEY, "--grace nan"),
    ],
)
def test_what_cannot_work_or_would_let_others_in_is_refused(line, environment, words):
    with pytest.raises(ValueError, match=r".") as caught:
        read(line, **environment)

    assert words in str(caught.value)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    "database",
    [
        "postgresql:///cells?host=/run/postgresql",
        "postgresql://user@127.0.0.1/cells",
        "postgresql://user@localhost/cells",
    ],
)
def test_a_database_of_this_machine_needs_no_password(database):
    assert read(f"--database {database}", **KEY).database == database
