"""Fork while an engine runs jobs in a worker process, and tell what the child may do with it.

Arguments: a folder, and ``os.fork``, ``multiprocessing`` or ``lives on``. Prints JSON.
"""

import json
import multiprocessing
import os
import sys
from pathlib import Path

from ionworks.server.app import create_app
from tests.unit.server.engines import QUICK, client_of, finish, grid, store_template, submit


def outcome(call):
    try:
        call()
    except RuntimeError as error:
        return f"{type(error).__name__}: {error}"
    return "no error"


def say(**content):
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


folder, kind = Path(sys.argv[1]), sys.argv[2]
app = create_app(folder, targets=QUICK, workers=1)
api = client_of(app)
template = store_template(app)


def run():
    return finish(api, submit(api, template, design_parameters_doe=grid(thickness=[1.0])))


def misuse():
    say(
        request=outcome(lambda: api.get("/users/me")),
        opening=outcome(lambda: create_app(folder, targets=QUICK)),
        elsewhere=outcome(lambda: create_app(folder / "other", targets=QUICK).close()),
        closing=outcome(app.close),
    )


pid_before = run()[0]["metrics"]["pid"]
if kind == "multiprocessing":
    process = multiprocessing.get_context("fork").Process(target=misuse)
    process.start()
    process.join()
    code = process.exitcode
else:
    child = os.fork()
    if not child:
        misuse()
        if kind == "lives on":
            sys.stdin.read()
        sys.exit()
    if kind == "lives on":
        say(child=child)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
say(code=code, same_worker=run()[0]["metrics"]["pid"] == pid_before)
app.close()
