import asyncio

import pytest
from support.proxy import Proxy
from support.server import Server

import mecapy
from mecapy import AsyncMecaPy, LogEvent

DIVIDE = "def calculate(a: float = 1, b: float = 2):\n    print('dividing')\n    return a / b\n"
ENDLESS = "def calculate():\n    while True:\n        pass\n"


def test_the_life_of_a_task(server: Server) -> None:
    async def life() -> None:
        async with AsyncMecaPy(url=server.url) as client:
            assert (await client.me()).name == "Ada"
            task = await client.tasks.create("Async", DIVIDE, {"a": 3})
            assert await task.status() == "created"
            assert await task.execute() == 1.5
            assert (await task.status(), await task.result()) == ("completed", 1.5)
            run = await task.execute_async({"a": 5})
            events = [event async for event in run.stream()]
            assert "".join(event.text for event in events if isinstance(event, LogEvent)) == "dividing\n"
            assert events[-1].name == "finished"
            assert await (await run.wait()).result() == 2.5
            assert await run.logs() == "dividing\n"
            with pytest.raises(ValueError, match="The result is a float"):
                await run.dataframe()
            share = await run.share()
            assert [one.id for one in await run.shares()] == [share.id]
            await run.unshare(share)
            assert await task.run_local({"a": 8}) == 4.0
            assert (await task.update(name="Other")).name == "Other"
            assert (await client.tasks.update(task.id, description="Said")).description == "Said"
            assert [one.id for one in await client.tasks.list("Other")] == [task.id]
            assert [one.id for one in await client.runs.list(task, limit=1)] == [run.id]
            assert len(await task.runs()) == 2
            assert (await task.get_version(1)).code == DIVIDE
            await client.tasks.delete(task)
            with pytest.raises(mecapy.NotFoundError):
                await client.tasks.get(task.id)

    asyncio.run(life())


def test_many_runs_share_the_loop(server: Server) -> None:
    async def both() -> None:
        async with AsyncMecaPy(url=server.url) as client:
            task = await client.tasks.create("Many", DIVIDE)
            first, second = await asyncio.gather(task.execute({"a": 2}), task.execute({"a": 4}))
            assert (first, second) == (1.0, 2.0)
            assert await client.map(task, [{"a": n} for n in range(20)]) == [n / 2 for n in range(20)]

    asyncio.run(both())


def test_failures_and_timeouts(server: Server) -> None:
    async def fail() -> None:
        async with AsyncMecaPy(url=server.url) as client:
            task = await client.tasks.create("Fails", DIVIDE)
            with pytest.raises(mecapy.ExecutionError) as failed:
                await task.execute({"b": 0})
            assert failed.value.line == 3
            with pytest.raises(mecapy.ExecutionError):
                await task.result()
            endless = await client.tasks.create("Endless", ENDLESS)
            with pytest.raises(mecapy.TimeoutError) as over:
                await endless.execute(timeout=0.5)
            assert over.value.run_id is not None
            run = await client.runs.cancel(over.value.run_id)
            assert await (await run.wait(30)).status() == "cancelled"
            assert await endless.status() == "cancelled"

    asyncio.run(fail())


def test_a_cut_stream_goes_on(proxy: Proxy) -> None:
    code = (
        "import time\ndef calculate():\n"
        "    for n in range(20):\n        print(n, flush=True)\n        time.sleep(0.02)\n"
    )

    async def follow() -> list[int]:
        async with AsyncMecaPy(url=proxy.url) as client:
            run = await (await client.tasks.create("Cut", code)).execute_async()
            proxy.cut_once(lambda request, answer: "/events" in request and b'"event":"log"' in answer)
            return [event.seq async for event in run.stream()]

    seqs = asyncio.run(follow())
    assert proxy.cuts == 1
    assert seqs == list(range(1, len(seqs) + 1))
