"""When to compile the functions of an integrator, and where the result is kept.

Runs go on with the functions as they are while another process compiles them. Compiling begins when
the integrator has worked for about as long as it will take: a model that was used so much is likely
to be used as much again, and if it is not, no more than that time was wasted. The result is kept in
the user's cache folder, so that the next process has it at once.

Nothing here can fail a run: without a compiler, or if it fails, the functions stay as they are.
"""

import hashlib
import json
import logging
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import casadi
import platformdirs

from ionworks.engine.arrays import Floats
from ionworks.engine.compile_setting import SETTING, compile_setting
from ionworks.engine.pybamm_setup import pybamm
from ionworks.engine.solver import machine_code

LOOK_AFTER: Final = 0.1
"""Time [s] an integrator works before its compiled functions are looked for. That takes 1 ms for
SPM and 50 ms for DFN, most of it to serialise them for the key."""

_START: Final = 0.4
_SECONDS_PER_BYTE: Final = 1.7e-6
"""The time to compile: of a new process [s], and of each byte of the serialised functions."""

_NICENESS: Final = 5
"""Of the process that compiles, from its first import on: runs go on meanwhile. It is not the
lowest priority, at which busy workers would leave it nothing."""

_APPLE_COMPILER: Final = "/Library/Developer/CommandLineTools/usr/bin/clang"
"""The ``cc`` of a Mac without a compiler opens a dialog that offers to install one."""

log = logging.getLogger(__name__)

Functions = Mapping[str, Any]
"""CasADi functions by name."""

_Phase = Callable[[Sequence[Floats]], Functions | None]


class Compilation:
    """The compiled form of some functions, made in the background when that pays.

    Parameters
    ----------
    functions : mapping of str to casadi.Function
        By name.
    """

    def __init__(self, functions: Functions) -> None:
        value = compile_setting()
        self._functions = functions
        self._compiler = () if value == "never" else compiler()
        self._waits = value == "always"
        if self._waits and not self._compiler:
            log.warning("%s is 'always', but there is no C compiler", SETTING)
        self._phase: _Phase | None = self._look if self._compiler else None
        self._due = 0.0 if self._waits else LOOK_AFTER
        self._key = ""
        self._process: subprocess.Popen[str] | None = None

    def after(self, worked: float, arguments: Sequence[Floats]) -> Functions | None:
        """Return the compiled functions as soon as they are there, once; None before and after.

        Parameters
        ----------
        worked : float
            Time the functions were used for so far [s].
        arguments : sequence of array
            Values of all arguments the functions have, by which the compiled ones are checked: a
            function takes the first ones.
        """
        while self._phase is not None and worked >= self._due:
            phase = self._phase
            try:
                found = phase(arguments)
            except (OSError, RuntimeError) as error:
                self._give_up(str(error))
                return None
            if found is not None or self._phase == phase:
                return found
        return None

    def _look(self, _: object) -> Functions | None:
        """Look for a result of another process."""
        texts = self._texts()
        self._key = _key(texts, self._compiler)
        if (found := self._load()) is not None:
            return found
        if machine_code.has_failed(_folder(), self._key):
            # The process that tried has said why.
            self._phase = None
        else:
            self._phase = self._begin
            size = sum(map(len, texts))
            self._due = 0.0 if self._waits else _START + _SECONDS_PER_BYTE * size
        return None

    def _texts(self) -> list[str]:
        """Return the serialised functions: megabytes, which are not worth keeping."""
        return [function.serialize() for function in self._functions.values()]

    def _collect(self, _: object) -> Functions | None:
        """Return the result of the process that compiles, if it has ended."""
        process = self._process
        if process is None or (process.poll() is None and not self._waits):
            return None
        _, said = process.communicate()
        found = None
        if process.returncode:
            self._give_up(said.strip() or f"the process ended with {process.returncode}")
        elif (found := self._load()) is None:
            self._give_up("the compiled file has disappeared")
        return found

    def _load(self) -> Functions | None:
        path = machine_code.find(_folder(), self._key)
        if path is None:
            return None
        compiled = {
            name: casadi.external(function.name(), str(path))
            for name, function in self._functions.items()
        }
        self._phase = None
        return compiled

    def _begin(self, arguments: Sequence[Floats]) -> None:
        """Start a process that compiles."""
        folder = _folder()
        machine_code.private_folder(folder)
        values = [each.tolist() for each in arguments]
        request = {
            "compiler": self._compiler,
            "functions": self._texts(),
            "arguments": [values[: each.n_in()] for each in self._functions.values()],
        }
        with tempfile.TemporaryFile("w+") as file:
            json.dump(request, file)
            file.seek(0)
            self._process = subprocess.Popen(  # noqa: S603 - this package's own program
                [
                    *("nice", "-n", str(_NICENESS)),
                    sys.executable,
                    "-P",  # do not look for modules in the folder of the script
                    machine_code.__file__,
                    str(folder),
                    self._key,
                    str(os.getpid()),
                ],
                stdin=file,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                # Ctrl-C in a terminal would reach it too, and leave a traceback there.
                start_new_session=True,
            )
        weakref.finalize(self, _stop, self._process)
        self._phase = self._collect

    def _give_up(self, reason: str) -> None:
        log.warning("the functions of a model stay uncompiled, which is slower: %s", reason)
        self._phase = None


def compiler() -> tuple[str, ...]:
    """Return the command of the C compiler; an empty tuple if no compiler is installed.

    It is that of the environment variable ``CC``, if set, or else the first of ``cc``, ``gcc`` and
    ``clang`` on the path.
    """
    if os.name != "posix":
        return ()
    if given := os.environ.get("CC", "").strip():
        with suppress(ValueError):  # of quotation marks that do not match
            command = tuple(shlex.split(given))
            if shutil.which(command[0]):
                return command
        log.warning("the C compiler in CC was not found, so models are not compiled: %s", given)
        return ()
    usual = [_APPLE_COMPILER] if sys.platform == "darwin" else ["cc", "gcc", "clang"]
    return next(((each,) for each in usual if shutil.which(each)), ())


def _folder() -> Path:
    return platformdirs.user_cache_path("ionworks") / "compiled"


def _key(texts: Sequence[str], command: Sequence[str]) -> str:
    """Return the digest of everything the machine code of some functions depends on."""
    program = Path(shutil.which(command[0]) or command[0]).resolve()
    # An update of the compiler changes its size or its time.
    status = program.stat()
    # So that a later version of this package does not use what an earlier one made differently.
    maker = Path(machine_code.__file__).read_text()
    versions = [version("casadi"), pybamm.__version__]
    machine = [platform.system(), platform.machine(), *platform.libc_ver()]
    if any("native" in part for part in command):
        # Such as -march=native in CC; another machine may have the same home folder.
        machine.append(platform.node())
    tools = [*command, str(program), status.st_size, status.st_mtime_ns]
    told = json.dumps([*versions, *machine, *tools, maker, *texts])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _stop(process: subprocess.Popen[str]) -> None:
    """Stop a compilation that no process waits for any more."""
    if process.poll() is None:
        process.terminate()
        process.wait()
    if process.stderr is not None:
        process.stderr.close()
