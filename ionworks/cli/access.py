"""Which service a command uses, from options, environment variables, profiles and defaults."""

from __future__ import annotations

from typing import Final, Self

import attrs

from ionworks.cli.profiles import Profile, Profiles, load_key
from ionworks.defaults import DEFAULT_URL
from ionworks.settings import environment

__all__ = ["Access", "MissingKeyError"]

_LOCAL: Final = "local"
_KEYS: Final = ("IONWORKS_API_TOKEN", "IONWORKS_API_KEY")
_URL_VARIABLE: Final = "IONWORKS_API_URL"
_PROJECT_VARIABLE: Final = "IONWORKS_PROJECT_ID"
_KEYRING: Final = "the keyring"


class MissingKeyError(ValueError):
    """No key is known for a service; nothing was sent."""


@attrs.frozen(kw_only=True)
class Access:
    """Which service is used, and why.

    Attributes
    ----------
    url : str
        Its address.
    source : str
        Where the address comes from, such as ``"--url"``; ``"default"`` if nothing is set.
    profile : Profile or None
        The profile, if the address is that of one.
    key_source : str or None
        Where the key or token comes from; None if there is none.
    api_key : str or None
        The key, unless it is in an environment variable.
    project, organization : str or None
        Ids, unless they are in environment variables.
    """

    url: str
    source: str
    profile: Profile | None = None
    key_source: str | None = None
    api_key: str | None = attrs.field(default=None, repr=False)
    project: str | None = None
    organization: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it is the embedded engine."""
        return self.url.partition(":")[0].lower() == _LOCAL

    @classmethod
    def find(cls, profile_name: str | None, url: str | None, project: str | None) -> Self:
        """Return the service to use: options, then the environment, then a profile.

        A profile that is named by an option takes precedence over the environment.

        Parameters
        ----------
        profile_name, url, project : str or None
            The options of the command.

        Raises
        ------
        ValueError
            If the profile does not exist or the file of profiles is not valid.
        """
        is_named = profile_name is not None
        profile, profile_source = _profile(profile_name)
        variable = environment(_URL_VARIABLE)
        key_variable = next((name for name in _KEYS if environment(name)), None)
        if url is not None:
            address, source = url, "--url"
        elif variable is not None and not is_named:
            address, source = variable, _URL_VARIABLE
        elif profile is not None:
            address, source = profile.url or DEFAULT_URL, profile_source
        elif key_variable is not None:
            address, source = DEFAULT_URL, f"default, as {key_variable} is set"
        else:
            address, source = _LOCAL, "default"
        access = cls(url=address, source=source, project=project)
        if profile is not None and address == (profile.url or DEFAULT_URL):
            access = attrs.evolve(
                access,
                profile=profile,
                project=project
                or _either(
                    _PROJECT_VARIABLE,
                    profile.project,
                    is_named=is_named or access._selects_engine,
                ),
                organization=_either(
                    "IONWORKS_ORGANIZATION_ID", profile.organization, is_named=is_named
                ),
            )
        if access.is_local:
            return access
        # A profile's key is sent to the profile's address only.
        if access.profile is not None and (is_named or key_variable is None):
            key = load_key(access.profile)
            if key is not None:
                return attrs.evolve(access, api_key=key, key_source=_KEYRING)
        return attrs.evolve(access, key_source=key_variable)

    @property
    def project_in_use(self) -> str | None:
        """The project that a client gets, also if it is that of the environment."""
        if self.project is not None:
            return self.project
        return None if self._selects_engine else environment(_PROJECT_VARIABLE)

    @property
    def _selects_engine(self) -> bool:
        """Whether it is an engine that does not have the project of IONWORKS_PROJECT_ID."""
        return self.is_local and self.source != _URL_VARIABLE

    def require_key(self) -> None:
        """Raise `MissingKeyError` if the service needs a key and none is known."""
        if not self.is_local and self.key_source is None:
            raise MissingKeyError(
                f"no key is known for {self.url}: set IONWORKS_API_KEY, or store a key with"
                f" 'ionworks config set --url {self.url} --key'; without an account, use"
                " '--url local', which runs everything on this machine"
            )


def _profile(name: str | None) -> tuple[Profile | None, str]:
    """Return the profile that is named by the option, the environment or the file, and by which."""
    profiles = Profiles.load()
    if name is not None:
        return profiles.get(name), f"profile {name}, from --profile"
    if (name := environment("IONWORKS_PROFILE")) is not None:
        return profiles.get(name), f"profile {name}, from IONWORKS_PROFILE"
    if profiles.default is not None:
        return profiles.get(profiles.default), f"profile {profiles.default}, the default one"
    return None, ""


def _either(variable: str, value: str | None, *, is_named: bool) -> str | None:
    """Return a value of the profile, None if the client shall take that of the environment."""
    return value if is_named or environment(variable) is None else None
