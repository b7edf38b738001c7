"""Settings of a client that are neither given nor in the environment."""

from typing import Final

DEFAULT_URL: Final = "https://api.ionworks.com"
DEFAULT_TIMEOUT: Final = 10.0
DEFAULT_RETRIES: Final = 5
