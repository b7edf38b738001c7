"""A keyring in a file of the home folder, for tests."""

import json
from pathlib import Path

from keyring.backend import KeyringBackend


class Keyring(KeyringBackend):
    priority = 1

    @property
    def _file(self):
        return Path.home() / "keys.json"

    def _load(self):
        return json.loads(self._file.read_text()) if self._file.exists() else {}

    def get_password(self, service, username):
        return self._load().get(f"{service} {username}")

    def set_password(self, service, username, password):
        self._file.write_text(json.dumps(self._load() | {f"{service} {username}": password}))

    def delete_password(self, service, username):
        keys = self._load()
        del keys[f"{service} {username}"]
        self._file.write_text(json.dumps(keys))
