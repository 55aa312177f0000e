"""Files among the inputs."""

import asyncio
import io
from pathlib import Path

import pytest
from support.server import Server

import mecapy
from mecapy import AsyncMecaPy, MecaPy

SUM = """
from pathlib import Path

def calculate(data: Path, factor: float = 1):
    return {"sum": sum(map(float, data.read_text().split())) * factor, "name": data.name}
"""


@pytest.fixture
def loads(tmp_path: Path) -> Path:
    path = tmp_path / "Läste.txt"
    path.write_text("1 2 3.5")
    return path


def test_a_path_is_sent_and_read(client: MecaPy, loads: Path) -> None:
    task = client.tasks.create(name="files", code=SUM)
    assert task.execute({"data": loads, "factor": 2}) == {"sum": 13.0, "name": "Läste.txt"}
    with loads.open("rb") as opened:
        assert task.execute({"data": opened})["sum"] == 6.5
    assert task.execute({"data": io.BytesIO(b"4")}) == {"sum": 4.0, "name": "data"}


def test_the_same_here(loads: Path) -> None:
    assert mecapy.run_local(SUM, {"data": loads})["sum"] == 6.5


def test_several_files_of_one_input_are_a_list(client: MecaPy, loads: Path) -> None:
    code = "def calculate(inputs):\n    return [open(path).read() for path in inputs['data']]"
    task = client.tasks.create(name="files", code=code)
    assert task.execute({"data": [loads, io.BytesIO(b"x")]}) == ["1 2 3.5", "x"]


def test_asyncio_sends_files_too(server: Server, loads: Path) -> None:
    async def send() -> None:
        async with AsyncMecaPy(url=server.url) as client:
            task = await client.tasks.create(name="files", code=SUM)
            assert (await task.execute({"data": loads}))["sum"] == 6.5

    asyncio.run(send())


def test_what_cannot_be_sent_is_named(client: MecaPy, tmp_path: Path) -> None:
    task = client.tasks.create(name="files", code=SUM)
    with pytest.raises(mecapy.ValidationError, match="of data cannot be read"):
        task.execute({"data": tmp_path / "absent.txt"})
    with pytest.raises(mecapy.ValidationError, match="binary mode"):
        task.execute({"data": io.StringIO("1")})
