"""Settings of the client, from arguments, environment variables and defaults, in this order.

This is the only module that reads environment variables.
"""

import math
import os
import urllib.request
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self
from urllib.parse import urlsplit

import attrs

from ionworks.defaults import DEFAULT_RETRIES, DEFAULT_TIMEOUT, DEFAULT_URL

if TYPE_CHECKING:
    from distributed import Client

DATAFRAME_BACKENDS: Final = ("polars", "pandas")

_LOCAL = "local"
_SWITCHES: Final = {"0": False, "false": False, "off": False, "no": False} | {
    "1": True, "true": True, "on": True, "yes": True,
}  # fmt: skip
_HOW_TO_AUTHENTICATE = (
    "no credential found: pass Ionworks(api_key=...) or set IONWORKS_API_KEY "
    "(for a token: Ionworks(token=...) or IONWORKS_API_TOKEN); "
    "without an account, use Ionworks.local(), which runs everything on this machine"
)


def installed_version() -> str:
    """Return the version of the installed package; "unknown" for a bare source tree."""
    try:
        return version("ionworks-api")
    except PackageNotFoundError:
        return "unknown"


@attrs.frozen(kw_only=True)
class Settings:
    """The settings of a client.

    Attributes
    ----------
    api_url : str
        Root URL of the service without trailing slash, or ``"local"`` for the embedded engine.
    api_key, token : str or None
        At most one of them is set; neither for the embedded engine.
    organization_id, project_id : str or None
        The organisation sent with requests, and the default project of calls.
    dataframe_backend : {"polars", "pandas"} or None
        The client's setting; if ``None``, that of `ionworks.set_dataframe_backend` is used.
    default_dataframe_backend : {"polars", "pandas"}
        Used if neither the client nor `ionworks.set_dataframe_backend` sets it.
    timeout : float
        Seconds for one request, from connecting to the end of the reply.
    max_retries : int
        How many times a request that can safely be repeated is repeated.
    is_internal : bool
        Whether to ask the service not to rewrite the hosts of its storage.
    is_local : bool
        Whether the client uses the embedded engine.
    local_folder : pathlib.Path or None
        Folder of the embedded engine; ``None`` for its default folder.
    local_cluster : str or distributed.Client or None
        The Dask cluster of the embedded engine; ``None`` for this machine.
    history : bool
        Whether submissions are written to the history of this machine.
    """

    api_url: str
    api_key: str | None = attrs.field(default=None, repr=False)
    token: str | None = attrs.field(default=None, repr=False)
    organization_id: str | None = None
    project_id: str | None = None
    dataframe_backend: Literal["polars", "pandas"] | None = None
    default_dataframe_backend: Literal["polars", "pandas"] = "polars"
    timeout: float = DEFAULT_TIMEOUT
    max_retries: int = DEFAULT_RETRIES
    is_internal: bool = False
    is_local: bool = False
    local_folder: Path | None = None
    local_cluster: "str | Client | None" = None
    history: bool = True

    @classmethod
    def resolve(  # noqa: PLR0913 - each is a setting
        cls,
        *,
        api_key: str | None = None,
        api_url: str | None = None,
        project_id: str | None = None,
        dataframe_backend: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        max_retries: int = DEFAULT_RETRIES,
        token: str | None = None,
        organization_id: str | None = None,
        history: bool | None = None,
        cluster: "str | Client | None" = None,
    ) -> Self:
        """Combine arguments, environment and defaults.

        Parameters are those of `ionworks.Ionworks`.

        Raises
        ------
        ValueError
            If a setting is invalid. The message gives the argument or variable, its value and the
            remedy; credentials are never shown.
        """
        url = _text("api_url", api_url) or environment("IONWORKS_API_URL") or DEFAULT_URL
        is_local = _is_local(url)
        # IONWORKS_PROJECT_ID belongs to the service in IONWORKS_API_URL. If the program itself
        # selects the embedded engine, the engine does not have that project.
        selects_engine = is_local and api_url is not None
        key, bearer = (None, None) if is_local else _credential(api_key, token)
        return cls(
            api_url=_LOCAL if is_local else _service_url(url),
            api_key=key,
            token=bearer,
            organization_id=_header("organization_id", organization_id)
            or _header("IONWORKS_ORGANIZATION_ID", environment("IONWORKS_ORGANIZATION_ID")),
            project_id=_text("project_id", project_id)
            or (None if selects_engine else _environment_project()),
            dataframe_backend=_backend("dataframe_backend", dataframe_backend),
            default_dataframe_backend=_backend(
                "IONWORKS_DATAFRAME_BACKEND", environment("IONWORKS_DATAFRAME_BACKEND")
            )
            or "polars",
            timeout=_timeout(timeout),
            max_retries=_retries(max_retries),
            is_internal=environment("IONWORKS_INTERNAL_CLIENT") is not None,
            is_local=is_local,
            local_folder=_local_folder(url) if is_local else None,
            local_cluster=_cluster(cluster, url, is_local=is_local),
            history=switch("history", history),
        )


def proxy_for(url: str) -> str | None:
    """Return the proxy configured for a URL, or None.

    Parameters
    ----------
    url : str
        Absolute URL.

    Returns
    -------
    str or None
        From ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``, or the settings of the
        operating system.
    """
    parts = urlsplit(url)
    if not parts.hostname or urllib.request.proxy_bypass(parts.hostname):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy and "://" not in proxy:
        return f"http://{proxy}"
    return proxy or None


def environment(name: str) -> str | None:
    """Return a variable without surrounding whitespace; an empty one counts as not set."""
    return os.environ.get(name, "").strip() or None


def _environment_project() -> str | None:
    project_id = environment("IONWORKS_PROJECT_ID")
    if project_id is None and (project_id := environment("PROJECT_ID")):
        warnings.warn(
            "the environment variable PROJECT_ID is deprecated: rename it to IONWORKS_PROJECT_ID",
            DeprecationWarning,
            # Skip this function, resolve and Ionworks.__init__ to point at the caller's line.
            stacklevel=4,
        )
    return project_id


def _text(name: str, value: Any) -> str | None:
    """Check an optional text argument."""
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise ValueError(
            f"{name} must be text that is not empty, not {value!r}; omit it for the default"
        )
    return value.strip()


def _header(name: str, value: Any) -> str | None:
    """Check text for a header; messages do not show the value, because it can be a key."""
    if value is None:
        return None
    if not isinstance(value, str):
        # Every invalid setting is a ValueError, so that one except clause catches them all.
        raise ValueError(f"{name} must be text, not {type(value).__name__}")
    text = value.strip()
    if not text:
        raise ValueError(f"{name} is empty: give a value, or omit it")
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError(f"{name} has a space, line break or non-ASCII character: copy it again")
    return text


def _credential(api_key: Any, token: Any) -> tuple[str | None, str | None]:
    """Return (key, token), one of them None.

    Arguments take precedence over the environment, and a token over a key.
    """
    sources = (
        (_header("api_key", api_key), _header("token", token)),
        (
            _header("IONWORKS_API_KEY", environment("IONWORKS_API_KEY")),
            _header("IONWORKS_API_TOKEN", environment("IONWORKS_API_TOKEN")),
        ),
    )
    for key, bearer in sources:
        if bearer:
            return None, bearer
        if key:
            return key, None
    raise ValueError(_HOW_TO_AUTHENTICATE)


def _is_local(url: str) -> bool:
    return url.partition(":")[0].lower() == _LOCAL


def _local_folder(url: str) -> Path | None:
    """Return DIR of ``local:DIR``, or None for ``local``."""
    _, colon, folder = url.partition(":")
    if not colon:
        return None
    if not folder.strip() or folder.startswith("//"):
        raise ValueError(
            f"api_url {url!r} contains no folder: write 'local' for the default folder "
            "or 'local:DIR', for example 'local:./simulations'"
        )
    return Path(folder).expanduser()


def _cluster(cluster: "str | Client | None", url: str, *, is_local: bool) -> "str | Client | None":
    """Return the cluster of the embedded engine."""
    if cluster is not None and not is_local:
        raise ValueError(f"cluster applies to the embedded engine, not to the service {url}")
    given = _text("cluster", cluster) if isinstance(cluster, str) else cluster
    return (given or environment("IONWORKS_CLUSTER")) if is_local else None


def _service_url(url: str) -> str:
    """Return the root URL without trailing slash."""
    remedy = (
        f"api_url must be a URL such as {DEFAULT_URL!r}, or 'local' or 'local:DIR' for the embedded"
        " engine"
    )
    try:
        parts = urlsplit(url)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError as error:
        raise ValueError(f"{remedy}; {url!r} is not a URL: {error}") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            f"{remedy}; it must not contain a user name or password: use api_key or token"
        )
    if parts.scheme.lower() not in {"http", "https"} or "://" not in url:
        raise ValueError(f"{remedy}; {url!r} does not start with https:// or http://")
    if not parts.hostname or not port_is_good or any(map(str.isspace, url)):
        raise ValueError(f"{remedy}; {url!r} contains no host")
    if parts.query or parts.fragment:
        raise ValueError(f"{remedy}; {url!r} has a query or fragment")
    return url.rstrip("/")


def _backend(name: str, value: Any) -> Literal["polars", "pandas"] | None:
    if value is None:
        return None
    if value == "polars":
        return "polars"
    if value == "pandas":
        return "pandas"
    raise ValueError(f"{name} must be one of {', '.join(DATAFRAME_BACKENDS)}, not {value!r}")


def switch(name: str, value: Any) -> bool:
    """Return an argument that is on or off, else the variable of this name, else True."""
    if value is not None:
        if not isinstance(value, bool):
            raise ValueError(f"{name} must be True or False, not {value!r}")
        return value
    variable = f"IONWORKS_{name.upper()}"
    text = environment(variable)
    if text is not None and text.lower() not in _SWITCHES:
        raise ValueError(f"{variable} must be 0 or 1, not {text!r}")
    return text is None or _SWITCHES[text.lower()]


def _timeout(value: Any) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value <= 0:
        raise ValueError(f"timeout must be a number of seconds above 0, not {value!r}")
    return float(value)


def _retries(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"max_retries must be a whole number, 0 or more, not {value!r}")
    return value
