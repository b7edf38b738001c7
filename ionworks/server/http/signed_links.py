"""Links to stored files without a key, each for one file, one method and a limited time."""

from __future__ import annotations

import secrets
import time
from typing import Any

from itsdangerous import (
    BadSignature,
    SignatureExpired,
    TimestampSigner,
    URLSafeTimedSerializer,
)

from ionworks.server.http.problems import forbidden

#: Seconds a download link is valid.
LIFETIME = 300
#: Seconds an upload link is valid; long, because large files take long.
UPLOAD_LIFETIME = 3600


#: Characters of a secret, below which it could be guessed.
_SHORTEST_SECRET = 16


class _Signer(TimestampSigner):
    """Signs with a time that no change of the computer's clock moves.

    It is for tokens that are valid in this process only, as their times are.
    """

    def get_timestamp(self) -> int:
        """Return the seconds since a moment in the past."""
        return int(time.monotonic())


class Links:
    """Signs and reads tokens that name a stored file.

    A download token is not valid as an upload token, nor the reverse.

    Parameters
    ----------
    lifetime
        Seconds a download token is valid. The expiry of an upload token is in the record of the
        upload.
    secret
        What tokens are signed with. Servers with the same secret accept each other's tokens, also
        after a restart. None for one that only this process knows: links are short-lived, and a
        secret on disk could leak.

    Raises
    ------
    ValueError
        The secret is too short.
    """

    def __init__(self, lifetime: int = LIFETIME, secret: str | None = None) -> None:
        if secret is not None and len(secret) < _SHORTEST_SECRET:
            raise ValueError(
                f"the secret of signed links has {len(secret)} characters: give at least "
                f"{_SHORTEST_SECRET} random ones in IONWORKS_SECRET, such as the output of "
                "`openssl rand -hex 32`"
            )
        self._lifetime = lifetime
        #: Whether tokens outlive this process.
        self.are_lasting = secret is not None
        key = secrets.token_bytes(32) if secret is None else secret.encode()
        signer = _Signer if secret is None else TimestampSigner
        self._downloads = URLSafeTimedSerializer(key, salt="storage", signer=signer)
        self._uploads = URLSafeTimedSerializer(key, salt="upload", signer=signer)

    def token(self, key: Any) -> str:
        """Return a token to download what a key names."""
        return _text(self._downloads.dumps(key))

    def key(self, token: str) -> Any:
        """Return the key in a token; raises a 403 Problem for expired and forged ones."""
        return _read(self._downloads, token, self._lifetime, "download")

    def upload_token(self, key: Any) -> str:
        """Return a token to upload what a key names."""
        return _text(self._uploads.dumps(key))

    def upload_key(self, token: str) -> Any:
        """Return the key in a token to upload; raises a 403 Problem for a forged one."""
        return _read(self._uploads, token, None, "upload")


def _text(token: str | bytes) -> str:
    return token if isinstance(token, str) else token.decode()


def _read(
    serializer: URLSafeTimedSerializer, token: str, lifetime: int | None, purpose: str
) -> Any:
    try:
        return serializer.loads(token, max_age=lifetime)
    except SignatureExpired as error:
        raise forbidden(f"This {purpose} link has expired; ask for a new one.") from error
    except BadSignature as error:
        raise forbidden(
            f"This {purpose} link is not valid; if the engine was restarted, ask for a new one."
        ) from error
