"""Machine code of CasADi functions: made by the machine's C compiler, kept in a folder.

CasADi interprets its functions. As scalar C code, compiled with ``-Og``, they take a third to a
tenth of the time. Three facts that were measured decide how they are compiled:

* The *scalar* form is compiled. The C code of a matrix function is a sequence of loops over
  temporary arrays, and hardly faster than the interpreter.
* More optimisation than ``-Og`` makes the functions of a model no faster and takes twice the time.
* Without ``-march=native`` and contraction to fused operations, the code computes what the
  interpreter computes, to the last bit.

The module is a program too, because compiling takes seconds: `ionworks.engine.solver.compilation`
starts it. It then knows nothing of PyBaMM or of the package, whose import takes a second.
"""

import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import casadi
import filelock
import numpy as np

FLAGS: Final = ("-Og", "-g0", "-w", "-ffp-contract=off", "-fPIC", "-shared")
FOLDER_LIMIT: Final = 200_000_000
"""Size [bytes] of the folder above which the files that were not used for longest are removed."""

LIMIT: Final = 600.0
"""Longest time [s] of a compilation; that of DFN takes 5 to 10 s of an idle processor."""

_RETRY_AFTER: Final = 86400.0
"""Time [s] after which a function that could not be compiled may be tried again."""

_SCRATCH: Final = "scratch-"
_FAILED: Final = ".failed"
_LIBRARY: Final = ".so"
_AGREEMENT: Final = 1e-9
_CANCELLATION: Final = 1e-12
"""Largest difference between a compiled function and the original, relative to its values; or the
difference that such a relative change of its arguments makes."""

_TICK: Final = 0.2
"""Time [s] between two looks whether the process that wants the code still lives."""

_UNWANTED: Final = "they are not wanted any more"
_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


class CompilationError(Exception):
    """The functions could not be compiled; the message says why."""


def find(folder: Path, key: str) -> Path | None:
    """Return the file of a key, or None.

    A file that is damaged, or that another user could have written, is removed: loading it would
    run what it contains. In a folder others may write to, they could replace it before it is
    loaded, so none is used.
    """
    if not folder.exists() or not _is_private(folder.stat()):
        return None
    for path in folder.glob(f"{key}.*{_LIBRARY}"):
        with suppress(OSError):
            if _is_private(path.lstat()) and path.name == _name(key, path.read_bytes()):
                os.utime(path)
                return path
            path.unlink()
    return None


def has_failed(folder: Path, key: str) -> bool:
    """Return whether the functions of a key could not be compiled a short time ago."""
    with suppress(OSError):
        return time.time() - (folder / f"{key}{_FAILED}").stat().st_mtime < _RETRY_AFTER
    return False


def private_folder(folder: Path) -> None:
    """Create a folder that only this user can write to, and check that it is one.

    Raises
    ------
    OSError
        If it cannot be created, or if others can write to it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_private(folder.stat()):
        raise PermissionError(f"{folder} belongs to another user, or others may write to it")


def build(
    folder: Path,
    key: str,
    request: Mapping[str, Any],
    is_wanted: Callable[[], bool],
    limit: float = LIMIT,
) -> Path:
    """Compile functions, unless another process has done so meanwhile.

    Parameters
    ----------
    folder : pathlib.Path
    key : str
        Names everything the result depends on.
    request : mapping
        ``compiler`` (a command), ``functions`` (serialised) and ``arguments`` (of each function,
        values at which the compiled one is compared with the original).
    is_wanted : callable
        Returns whether to go on.
    limit : float
        Longest time of the compiler [s].

    Returns
    -------
    pathlib.Path
        The library.

    Raises
    ------
    CompilationError, OSError
        If they could not be compiled, now or in the last day.
    """
    private_folder(folder)
    # Several workers need the same functions at the same time: one compiles, the others wait.
    with _locked(folder / f"{key}.lock", is_wanted):
        found = find(folder, key)
        if found is not None:
            return found
        if has_failed(folder, key):
            raise CompilationError("they could not be compiled earlier")
        _remove_old(folder)
        try:
            return _compile(folder, key, request, is_wanted, limit)
        except (CompilationError, RuntimeError) as error:
            # RuntimeError is what CasADi raises, for a function that has no scalar form.
            if is_wanted():
                (folder / f"{key}{_FAILED}").touch(mode=0o600)
            raise CompilationError(str(error)) from error


def _compile(
    folder: Path, key: str, request: Mapping[str, Any], is_wanted: Callable[[], bool], limit: float
) -> Path:
    functions = [casadi.Function.deserialize(text) for text in request["functions"]]
    generator = casadi.CodeGenerator("functions", {"with_header": False})
    for function in functions:
        generator.add(_scalar(function))
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=folder) as scratch:
        source, made = Path(scratch, "functions.c"), Path(scratch, f"functions{_LIBRARY}")
        source.write_text(generator.dump())
        _run([*request["compiler"], *FLAGS, str(source), "-o", str(made)], is_wanted, limit)
        for function, arguments in zip(functions, request["arguments"], strict=True):
            _compare(casadi.external(function.name(), str(made)), function, arguments)
        made.chmod(0o600)
        path = folder / _name(key, made.read_bytes())
        # Nobody sees half a file.
        made.replace(path)
    return path


def _scalar(function: Any) -> Any:
    """Return a function in scalar form, if it has one: with a spline it has none.

    Such a function comes as a scalar one around its tables, which the C code keeps apart.
    """
    with suppress(RuntimeError):
        return function.expand()
    return function


def _run(command: Sequence[str], is_wanted: Callable[[], bool], limit: float) -> None:
    """Run the compiler; it is stopped if it takes too long or is not wanted any more."""
    due = time.monotonic() + limit
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own compiler
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0
            )
        except OSError as error:
            raise CompilationError(str(error)) from error
        try:
            while process.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(min(_TICK, limit))
                if not is_wanted():
                    raise CompilationError(_UNWANTED)
                if process.poll() is None and time.monotonic() >= due:
                    raise CompilationError(f"{command[0]} took longer than {limit:g} s")
        finally:
            # The compiler starts processes that would outlive it.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.returncode:
            output.seek(0)
            said = output.read(2000).decode(errors="replace").strip()
            raise CompilationError(f"{command[0]} ended with {process.returncode}: {said}")


def _compare(compiled: Any, function: Any, arguments: Sequence[Any]) -> None:
    """Check a compiled function against the original, at the values of a run."""
    for place in range(function.n_out()):
        if compiled.sparsity_out(place) != function.sparsity_out(place):
            raise CompilationError(f"{function.name()} has other nonzero elements once compiled")
    found, expected = compiled.call(arguments), function.call(arguments)
    nearby = function.call([_moved(each) for each in arguments])
    for one, other, third in zip(found, expected, nearby, strict=True):
        values, moved = np.array(other.nonzeros()), np.array(third.nonzeros())
        # Residuals near a solution are small differences of large terms, and mostly rounding.
        tolerance = max(_AGREEMENT * _largest(values), _largest(moved - values))
        if not np.allclose(one.nonzeros(), values, rtol=0.0, atol=tolerance, equal_nan=True):
            raise CompilationError(f"{function.name()} has other values once compiled")


def _moved(argument: Any) -> Any:
    """Return an argument with its values changed in turn up and down, by `_CANCELLATION`."""
    values = np.ravel(argument)
    return values * (1 + _CANCELLATION * (-1.0) ** np.arange(len(values)))


def _largest(values: Any) -> float:
    return float(np.max(np.abs(values), initial=0.0, where=np.isfinite(values)))


@contextmanager
def _locked(path: Path, is_wanted: Callable[[], bool]) -> Iterator[None]:
    """Hold a lock between processes, waited for as long as it is wanted."""
    lock = filelock.FileLock(path, mode=0o600)
    while True:
        try:
            lock.acquire(timeout=_TICK)
        except filelock.Timeout:
            if not is_wanted():
                raise CompilationError(_UNWANTED) from None
        else:
            break
    try:
        yield
    finally:
        lock.release()


def _name(key: str, content: bytes) -> str:
    """Return the name of a file, which contains the digest of its content."""
    return f"{key}.{hashlib.sha256(content).hexdigest()[:32]}{_LIBRARY}"


def _is_private(status: os.stat_result) -> bool:
    return (
        not stat.S_ISLNK(status.st_mode)
        and status.st_uid == os.geteuid()
        and not status.st_mode & _OTHERS_MAY_WRITE
    )


def _remove_old(folder: Path) -> None:
    """Remove what a process that was killed left, and what was not used for longest."""
    long_ago = time.time() - _RETRY_AFTER
    kept = []
    for path in folder.iterdir():
        with suppress(OSError):
            status = path.stat()
            if path.suffix == _LIBRARY:
                kept.append((status.st_mtime, status.st_size, path))
            elif status.st_mtime < long_ago:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    size = sum(each[1] for each in kept)
    for _, its_size, path in sorted(kept):
        if size <= FOLDER_LIMIT:
            return
        # A process that uses it has it in memory.
        path.unlink(missing_ok=True)
        size -= its_size


def main(arguments: Sequence[str]) -> int:
    """Compile the functions of a request on standard input; returns the exit code."""
    folder, key, parent = Path(arguments[0]), arguments[1], int(arguments[2])
    terminated = threading.Event()
    # The signal ends the compiler too. An exception from here, raised while the compiler is being
    # started, would lose it.
    signal.signal(signal.SIGTERM, lambda *_: terminated.set())

    def is_wanted() -> bool:
        return not terminated.is_set() and os.getppid() == parent

    try:
        build(folder, key, json.load(sys.stdin), is_wanted)
    except (CompilationError, OSError) as error:
        sys.stderr.write(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
