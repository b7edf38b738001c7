"""Profiles: addresses, projects and organisations in a file of the user, keys in the keyring."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import attrs

__all__ = [
    "KeyringFailureError", "Profile", "Profiles", "config_file", "load_key", "remove_key",
    "store_key",
]  # fmt: skip

_SERVICE: Final = "ionworks"
_FIELDS: Final = ("url", "project", "organization")


class KeyringFailureError(ValueError):
    """The keyring is locked, or does not answer."""


@attrs.frozen(kw_only=True)
class Profile:
    """The settings of one service under a name.

    Attributes
    ----------
    name : str
        Its name.
    url : str or None
        The address; None for that of the Ionworks service.
    project, organization : str or None
        Ids.
    """

    name: str
    url: str | None = None
    project: str | None = None
    organization: str | None = None

    def values(self) -> dict[str, str]:
        """Return the settings that are set."""
        return {name: value for name in _FIELDS if (value := getattr(self, name)) is not None}


@attrs.frozen(kw_only=True)
class Profiles:
    """All profiles of the user.

    Attributes
    ----------
    profiles : dict of str to Profile
        By name.
    default : str or None
        The one that is used if none is named.
    """

    profiles: dict[str, Profile]
    default: str | None = None

    @classmethod
    def load(cls) -> Self:
        """Read the file; without one there are no profiles.

        Raises
        ------
        ValueError
            If the file is not valid; the message names it.
        OSError
            If it cannot be read.
        """
        path = config_file()
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls(profiles={})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"{path} is not valid TOML: {error}") from None
        tables = document.get("profiles", {})
        if not isinstance(tables, dict):
            raise ValueError(f"{path}: 'profiles' must have a table for each profile")
        found = {name: _read(name, each, path) for name, each in tables.items()}
        default = document.get("default")
        if default is not None and default not in found:
            raise ValueError(f"{path}: the default profile {default!r} does not exist")
        return cls(profiles=found, default=default)

    def save(self) -> Path:
        """Write the file, which only the user can read, and return its path."""
        import tomli_w

        document: dict[str, Any] = {} if self.default is None else {"default": self.default}
        document["profiles"] = {name: each.values() for name, each in self.profiles.items()}
        path = config_file()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A file of the same folder replaces the old one, so that a full disk loses no profile.
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        try:
            with os.fdopen(handle, "wb") as stream:
                tomli_w.dump(document, stream)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return path

    def get(self, name: str) -> Profile:
        """Return a profile.

        Raises
        ------
        ValueError
            If it does not exist; the message lists the others.
        """
        if name in self.profiles:
            return self.profiles[name]
        known = ", ".join(self.profiles) or "none"
        raise ValueError(
            f"there is no profile {name!r} (profiles: {known}); make it with 'ionworks config set"
            f" --profile {name} --url URL'"
        )

    def with_profile(self, profile: Profile) -> Profiles:
        """Return these profiles with a new or changed one; the first becomes the default."""
        return Profiles(
            profiles={**self.profiles, profile.name: profile},
            default=self.default or profile.name,
        )

    def without(self, name: str) -> Profiles:
        """Return these profiles without one."""
        self.get(name)
        rest = {each: profile for each, profile in self.profiles.items() if each != name}
        return Profiles(profiles=rest, default=None if self.default == name else self.default)


def config_file() -> Path:
    """Return the path of the file of profiles."""
    from platformdirs import user_config_path

    return user_config_path("ionworks") / "config.toml"


def _read(name: str, table: Any, path: Path) -> Profile:
    if not isinstance(table, dict):
        raise ValueError(f"{path}: profile {name!r} must be a table")
    for key, value in table.items():
        if key not in _FIELDS:
            raise ValueError(
                f"{path}: profile {name!r} has an unknown setting {key!r}; it can have"
                f" {', '.join(_FIELDS)}"
            )
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{path}: {key} of profile {name!r} must be text that is not empty")
    return Profile(name=name, **table)


def load_key(profile: Profile) -> str | None:
    """Return the key of a profile from the system's keyring; None if it has none.

    Raises
    ------
    KeyringFailureError
        If the keyring cannot be read.
    """
    with _keyring() as keyring:
        key: str | None = keyring and keyring.get_password(_SERVICE, _entry(profile))
    return key


def store_key(profile: Profile, key: str) -> None:
    """Store the key of a profile in the system's keyring.

    Raises
    ------
    ValueError
        If there is no keyring, or it cannot be written; keys are not written to a file.
    """
    with _keyring() as keyring:
        if keyring is None:
            raise ValueError(
                "this system has no keyring, and keys are not written to a file: set the"
                " environment variable IONWORKS_API_KEY instead"
            )
        keyring.set_password(_SERVICE, _entry(profile), key)


def remove_key(profile: Profile) -> None:
    """Remove the key of a profile from the system's keyring, if it is there.

    Raises
    ------
    KeyringFailureError
        If the keyring cannot be changed.
    """
    with _keyring() as keyring:
        if keyring is not None and keyring.get_password(_SERVICE, _entry(profile)) is not None:
            keyring.delete_password(_SERVICE, _entry(profile))


def _entry(profile: Profile) -> str:
    # With the address, so that a key is not sent to a service that it was not given for.
    return f"{profile.name} {profile.url or ''}".rstrip()


@contextmanager
def _keyring() -> Iterator[Any]:
    """Yield the keyring module, None if it has no backend that works."""
    import keyring
    from keyring.backends import fail
    from keyring.errors import KeyringError

    try:
        yield None if isinstance(keyring.get_keyring(), fail.Keyring) else keyring
    except KeyringError as error:
        raise KeyringFailureError(
            f"the keyring of this system cannot be used ({error or type(error).__name__}): unlock"
            " it, or set IONWORKS_API_KEY, and IONWORKS_PROFILE in place of --profile"
        ) from error
