import re

import pytest
from support.server import Server

import mecapy
from mecapy import MecaPy

STRESS = "def calculate(force: float = 1000, section: float = 10):\n    return {'stress': force / section}\n"


def test_a_task_is_made_read_changed_and_deleted(client: MecaPy) -> None:
    task = client.tasks.create("Bolt", STRESS, {"force": 12}, "Stress of a bolt")
    assert (task.name, task.version, task.description) == ("Bolt", 1, "Stress of a bolt")
    assert client.tasks.get(task.id).code == STRESS
    assert client.tasks.get(task.id).inputs == {"force": 12}

    changed = client.tasks.update(task, name="Screw", code=STRESS + "# more\n", inputs={"force": 13})
    assert (changed.name, changed.version, changed.inputs) == ("Screw", 2, {"force": 13})
    assert task.get_version(1).code == STRESS
    assert client.tasks.update(task.id, description="Other").description == "Other"

    client.tasks.delete(task)
    with pytest.raises(mecapy.NotFoundError) as refused:
        task.refresh()
    assert (refused.value.status, refused.value.code) == (404, "not_found")


def test_lists_go_over_pages_and_stop_at_the_limit(client: MecaPy) -> None:
    made = [client.tasks.create(f"Page {number:03}", STRESS) for number in range(205)]
    found = client.tasks.list("Page ", limit=None)
    assert [task.name for task in found] == [task.name for task in reversed(made)]
    assert [task.name for task in client.tasks.list("Page ", limit=3)] == ["Page 204", "Page 203", "Page 202"]
    assert found[0].code is None
    assert found[0].refresh().code == STRESS
    for task in made:
        task.delete()


def test_a_task_that_somebody_changed_meanwhile_is_not_overwritten(client: MecaPy) -> None:
    mine = client.tasks.create("Shared", STRESS)
    client.tasks.get(mine.id).update(code=STRESS + "# theirs\n")
    with pytest.raises(mecapy.ConflictError, match="Version 2 of this task was saved"):
        mine.update(code=STRESS + "# mine\n")
    assert mine.refresh().update(code=STRESS + "# mine\n").version == 3


def test_a_wrong_value_is_named(client: MecaPy) -> None:
    with pytest.raises(mecapy.ValidationError) as refused:
        client.tasks.create("", STRESS)
    assert (refused.value.field, refused.value.status) == ("name", 422)
    with pytest.raises(ValueError, match="name"):
        client.tasks.create("x" * 201, STRESS)
    with pytest.raises(mecapy.ValidationError, match="is no id"):
        client.tasks.get("../me")


def test_runs_are_found_by_task_and_state(client: MecaPy) -> None:
    task = client.tasks.create("Found", STRESS)
    task.execute()
    with pytest.raises(mecapy.ExecutionError):
        task.execute({"section": 0})
    failed, completed = task.runs()
    assert (failed.number, completed.number) == (2, 1)
    assert [run.id for run in client.runs.list(task, state="failed")] == [failed.id]
    assert client.runs.get(completed.id).result == {"stress": 100.0}
    found = client.runs.list(task.id)
    assert [(run.task_name, run.status) for run in found] == [("Found", "failed"), ("Found", "completed")]


def test_representations_name_the_thing_and_hide_the_token(server: Server) -> None:
    with MecaPy("secret", server.url) as client:
        assert repr(client) == f"MecaPy(url='{server.url}')"
        task = client.tasks.create("Bolt <b>", STRESS)
        assert re.fullmatch(r"Task\('Bolt <b>', version 1, id='[0-9a-f-]{36}'\)", repr(task))
        assert "Bolt &lt;b&gt;" in task._repr_html_()
        run = task.execute_async().wait()
        assert repr(run) == f"Run('Bolt <b>' run 1, completed, id='{run.id}')"
        assert client.me().name == "Ada"
