"""Links to stored files that work without a key, for a while."""

from __future__ import annotations

import secrets

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from ionworks.local.problems import forbidden

#: Seconds a link works.
LIFETIME = 300


class Links:
    """Signs and reads tokens that name a stored file.

    Parameters
    ----------
    lifetime
        Seconds a token is good for.
    """

    def __init__(self, lifetime: int = LIFETIME) -> None:
        self._lifetime = lifetime
        # A secret per process: links are short-lived, and nothing on disk can leak it.
        self._serializer = URLSafeTimedSerializer(secrets.token_bytes(32), salt="storage")

    def token(self, key: str) -> str:
        """Return a token for the file of a key."""
        token = self._serializer.dumps(key)
        return token if isinstance(token, str) else token.decode()

    def key(self, token: str) -> str:
        """Return the key in a token; raises a 403 Problem for expired and forged ones."""
        try:
            key: str = self._serializer.loads(token, max_age=self._lifetime)
        except SignatureExpired as error:
            raise forbidden("This download link has expired; ask for a new one.") from error
        except BadSignature as error:
            raise forbidden("This download link was not issued by this server.") from error
        return key
