"""``python -m ionworks`` and the program ``ionworks``."""

from __future__ import annotations

import sys
from importlib.util import find_spec

_WRONG_USAGE = 2
_INTERRUPTED = 130
_PACKAGES = ("typer", "keyring", "tomli_w")


def main() -> None:
    """Run the command; its packages are an extra."""
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        sys.stderr.write(
            "ionworks: the command needs extra packages: pip install 'ionworks-api[cli]' "
            f"({', '.join(missing)} missing)\n"
        )
        sys.exit(_WRONG_USAGE)
    try:
        from ionworks.cli.main import run

        run()
    except KeyboardInterrupt:  # while it starts; commands say more
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
