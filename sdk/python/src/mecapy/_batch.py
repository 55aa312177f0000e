"""Many runs at once: written with asyncio, and carried out in a thread of its own for the blocking client."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any, Literal, TypeAlias, TypeVar

from . import _flows as flows
from ._calls import Calls
from ._errors import ExecutionError, ValidationError
from ._modules import imported, needed
from ._transport import AsyncDriver, Place

T = TypeVar("T")
OnError: TypeAlias = Literal["raise", "keep"]


async def map_async(
    driver: AsyncDriver,
    calls: Calls,
    task_id: str,
    inputs: Iterable[Mapping[str, Any]],
    *,
    concurrency: int,
    on_error: OnError,
    progress: bool | None,
    version: int | None = None,
    decoded: bool = True,
) -> list[Any]:
    """Run a task once for each of many inputs; give the results in their order, decoded or as parsed JSON."""
    if concurrency < 1:
        raise ValidationError("concurrency is at least 1.", field="concurrency")
    if on_error not in ("raise", "keep"):
        raise ValidationError(f'on_error is "raise" or "keep", not {on_error!r}.', field="on_error")
    listed = list(inputs)
    results: list[Any] = [None] * len(listed)
    cases = iter(enumerate(listed))
    patient = calls.patient()

    async def run(case: Mapping[str, Any]) -> Any:
        ended = await driver.run(flows.run_to_end(patient, task_id, case, version=version))
        read = flows.result(patient, ended, None) if decoded else flows.encoded_result(patient, ended)
        return await driver.run(read)

    async def work(advance: Callable[[], object]) -> None:
        for place, case in cases:
            try:
                results[place] = await run(case)
            except (ExecutionError, ValidationError) as error:
                results[place] = _failed(error, place)
                if on_error == "raise":
                    raise
            advance()

    with _bar(len(listed), progress) as advance:
        workers = [asyncio.ensure_future(work(advance)) for _ in range(min(concurrency, len(listed)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
    return results


def _failed(error: ExecutionError | ValidationError, place: int) -> ExecutionError:
    failed = (
        error if isinstance(error, ExecutionError) else ExecutionError(error.detail, kind="invalid_inputs")
    )
    failed.case = place
    return failed


def map_blocking(
    place: Place, calls: Calls, task_id: str, inputs: Iterable[Mapping[str, Any]], **how: Any
) -> list[Any]:
    """Do the same, blocking: also where a loop of asyncio runs already, as in a notebook."""

    async def alone() -> list[Any]:
        driver = AsyncDriver(place, calls)
        try:
            return await map_async(driver, calls, task_id, inputs, **how)
        finally:
            await driver.close()

    return _in_a_thread(alone())


def _in_a_thread(work: Coroutine[Any, Any, T]) -> T:
    done: Future[T] = Future()
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = Future()

    async def main() -> T:
        task = asyncio.ensure_future(work)
        started.set_result((asyncio.get_running_loop(), task))
        return await task

    def carry_out() -> None:
        try:
            done.set_result(asyncio.run(main()))
        except BaseException as error:
            done.set_exception(error)

    thread = threading.Thread(target=carry_out, name="mecapy-map", daemon=True)
    thread.start()
    try:
        return done.result()
    except KeyboardInterrupt:
        loop, task = started.result()
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(task.cancel)
        raise
    finally:
        thread.join()


@contextlib.contextmanager
def _bar(total: int, wanted: bool | None) -> Iterator[Any]:
    if wanted is None:
        wanted = imported("tqdm") is not None and (sys.stderr.isatty() or "ipykernel" in sys.modules)
    if not wanted:
        yield lambda: None
        return
    with needed("tqdm.auto", "A progress bar").tqdm(total=total, unit="run") as bar:
        yield bar.update
