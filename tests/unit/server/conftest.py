from tests.unit.server.fixtures import *  # noqa: F403 pytest finds fixtures by name
