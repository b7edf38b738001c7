"""Links to stored files that work without a key: one object, one method, for a while."""

from __future__ import annotations

import secrets
from typing import Any

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from ionworks.server.http.problems import forbidden

#: Seconds a link to download something works.
LIFETIME = 300
#: Seconds a link to upload something works: a large file takes its time.
UPLOAD_LIFETIME = 3600


class Links:
    """Signs and reads tokens that name a stored file.

    A token for one method is no token for the other.

    Parameters
    ----------
    lifetime
        Seconds a token to download is good for. How long one to upload is good for stands in the
        records of the upload.
    """

    def __init__(self, lifetime: int = LIFETIME) -> None:
        self._lifetime = lifetime
        # A secret per process: links are short-lived, and nothing on disk can leak it.
        secret = secrets.token_bytes(32)
        self._downloads = URLSafeTimedSerializer(secret, salt="storage")
        self._uploads = URLSafeTimedSerializer(secret, salt="upload")

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
            f"This is no {purpose} link of this server; it may be one of an engine that has ended."
        ) from error
