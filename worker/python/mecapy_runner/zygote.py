"""The zygote: imports everything once, then forks one locked-down process per run.

Started by mecapy-worker inside the jail, with "essential" or "everything" as what to import. The confinement itself is Rust, reached through ctypes in
``libmecapy_jail.so`` (``MECAPY_JAIL_LIBRARY``):

``mecapy_serve(settings, length, ready, length)``
                                       says "ready" to the worker and closes the gate behind the imports
``mecapy_wait()``                      blocks until the worker wants a process: 1 warm, 2 at once; 0 it is gone
``mecapy_forked(pid)``                 parent: hands the new process to the worker (negative pid: fork failed)
``mecapy_confine()``                   child: locks itself down; 0, or the number of the step that failed
``mecapy_lower(memory_mb, cpu_s)``     child: lowers its limits to those of its run

Descriptors in the child: 1 and 2 are pipes read by the worker, 3 the payload, 4 the frames. A frame
is a kind byte, a big-endian u32 length and a body.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import struct
import sys
import time

PAYLOAD_FD = 3
FRAMES_FD = 4
SMALL = 64 * 1024
"""Frames up to this many bytes are copied into one write."""
ENDED_WITHIN_S = 5
GONE, WARM = 0, 1
KINDS = {"ready": 0, "log": 1, "progress": 2, "figure": 3, "result": 4, "error": 5}
REPORTED = ("numpy", "scipy", "pandas", "matplotlib", "mecapy")


def main() -> None:
    jail = ctypes.CDLL(os.environ.pop("MECAPY_JAIL_LIBRARY"), use_errno=True)
    settings = os.environ.pop("MECAPY_JAIL").encode()
    try:
        import mecapy_runner as runner

        runner.preload("essential" if sys.argv[1:] == ["essential"] else "everything")
        runner.settle()
        ready = json.dumps({"python": sys.version.split()[0], "packages": _versions()}).encode()
    except BaseException as problem:
        jail.mecapy_failed(f"{type(problem).__name__}: {problem}".encode()[:4096])
        raise
    _let_go_of_fonts()
    gc.collect()
    gc.freeze()
    if jail.mecapy_serve(settings, len(settings), ready, len(ready)) != 0:
        os._exit(1)
    while (wish := jail.mecapy_wait()) != GONE:
        try:
            pid = os.fork()
        except OSError as problem:
            jail.mecapy_forked(-(problem.errno or 1))
            continue
        if pid == 0:
            _run_one(jail, runner, warm=wish == WARM)
        jail.mecapy_forked(pid)
    os._exit(0)


def _let_go_of_fonts() -> None:
    """Empty matplotlib's cache of open fonts: after a fork it empties itself, which every run would pay for."""
    manager = sys.modules.get("matplotlib.font_manager")
    cache = getattr(manager, "_get_font", None)
    if hasattr(cache, "cache_clear"):
        cache.cache_clear()


def _versions() -> dict[str, str]:
    from importlib import metadata

    found = {}
    for name in REPORTED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            module = sys.modules.get(name)
            version = getattr(module, "__version__", None)
            if isinstance(version, str):
                found[name] = version
    return found


def _run_one(jail, runner, *, warm: bool) -> None:
    """The life of a run's process; never returns."""
    try:
        step = jail.mecapy_confine()
        if step != 0:
            os._exit(100 + step)
        if warm:
            runner.prewarm()
        emit("ready", struct.pack(">Q", time.process_time_ns() // 1000))
        payload = _read_payload()
        if payload is None:
            os._exit(0)
        limits, code, inputs, files = payload
        if jail.mecapy_lower(limits["memory_mb"], limits["cpu_s"]) != 0:
            os._exit(99)
        runner.run(code, inputs, files, limits=limits, emit=_emit_last_after_output)
        # The worker takes what was used from outside, and then ends this process.
        time.sleep(ENDED_WITHIN_S)
    finally:
        os._exit(0)


def _emit_last_after_output(kind: str, body: bytes) -> None:
    if kind in ("result", "error"):
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:  # the calculation may have put anything there
                pass
    emit(kind, body)


def emit(kind: str, body: bytes) -> None:
    """Write one frame. A ``figure`` is ``struct.pack(">IB", index, 0 for SVG or 1 for PNG)`` and the image."""
    header = struct.pack(">BI", KINDS[kind], len(body))
    parts = [header + body] if len(body) < SMALL else [header, body]
    for part in parts:
        view = memoryview(part)
        while view:
            view = view[os.write(FRAMES_FD, view) :]


def _read_payload() -> tuple[dict, str, bytes, dict[str, bytes]] | None:
    header = _read(16)
    if header is None:
        return None
    lengths = struct.unpack(">IIII", header)
    parts = [_read(length) for length in lengths]
    if None in parts:
        return None
    os.close(PAYLOAD_FD)
    limits, code, inputs, files = parts
    return json.loads(limits), code.decode(), inputs, _split_files(files)


def _split_files(packed: bytes) -> dict[str, bytes]:
    """Give each file by its digest: 64 hexadecimal digits, a big-endian u32 length and the bytes."""
    files, at = {}, 0
    while at < len(packed):
        digest, length = struct.unpack_from(">64sI", packed, at)
        begin = at + 68
        at = begin + length
        files[digest.decode()] = packed[begin:at]
    return files


def _read(length: int) -> bytes | None:
    pieces = []
    while length:
        piece = os.read(PAYLOAD_FD, min(length, 1 << 20))
        if not piece:
            return None
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


if __name__ == "__main__":
    main()
