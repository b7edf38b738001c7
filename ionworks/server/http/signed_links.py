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


class _Signer(TimestampSigner):
    """Signs with a time that no change of the computer's clock moves.

    The tokens are valid in this process only, and so may their times be.
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
    """

    def __init__(self, lifetime: int = LIFETIME) -> None:
        self._lifetime = lifetime
        # A secret per process: links are short-lived, and a secret on disk could leak.
        secret = secrets.token_bytes(32)
        self._downloads = URLSafeTimedSerializer(secret, salt="storage", signer=_Signer)
        self._uploads = URLSafeTimedSerializer(secret, salt="upload", signer=_Signer)

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
