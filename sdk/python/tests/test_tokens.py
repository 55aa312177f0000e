import asyncio
import datetime as dt

import pytest
from support.server import Server

import mecapy
from mecapy import AsyncMecaPy, MecaPy

STRESS = "def calculate(force: float = 1000, section: float = 10):\n    return {'stress': force / section}\n"


def test_a_token_is_made_used_and_revoked(server: Server, client: MecaPy) -> None:
    task = client.tasks.create("Tokens", STRESS)
    made = client.tokens.create("Night run", "run", expires_in_s=3600)
    assert made.secret is not None
    assert made.secret.startswith(made.start)
    assert made.secret not in repr(made)
    assert made.expires_at - made.created_at == dt.timedelta(hours=1)
    (listed,) = [token for token in client.tokens.list() if token.id == made.id]
    assert (listed.name, listed.scope, listed.secret) == ("Night run", "run", None)

    with MecaPy(made.secret, server.url) as limited:
        user = limited.me()
        assert (user.name, user.scopes, user.token_name) == ("Ada", ("read", "run"), "Night run")
        assert limited.tasks.get(task.id).execute() == {"stress": 100.0}
        with pytest.raises(mecapy.PermissionDeniedError, match="needs a token with the scope write"):
            limited.tasks.create("More", STRESS)
        client.tokens.revoke(made)
        with pytest.raises(mecapy.AuthenticationError, match="“Night run” was revoked") as refused:
            limited.me()
        assert (refused.value.status, refused.value.code) == (401, "unauthenticated")
    with pytest.raises(mecapy.NotFoundError):
        client.tokens.revoke(made.id)


def test_a_wrong_scope_is_named(client: MecaPy) -> None:
    with pytest.raises(mecapy.ValidationError, match="read") as refused:
        client.tokens.create("Wrong", "admin")
    assert refused.value.field == "scope"


def test_any_other_word_is_the_local_user(server: Server) -> None:
    with MecaPy("any", server.url) as client:
        user = client.me()
    assert (user.scopes, user.token_name) == (("read", "run", "write"), None)


def test_what_was_used_is_told(client: MecaPy) -> None:
    before = client.usage()
    task = client.tasks.create("Used", STRESS)
    task.execute()
    with pytest.raises(mecapy.ExecutionError):
        task.execute({"section": 0})
    after = client.usage()
    assert after.this_month.completed == before.this_month.completed + 1
    assert after.this_month.failed == before.this_month.failed + 1
    assert after.this_month.cpu_s > before.this_month.cpu_s
    assert after.tasks == before.tasks + 1
    assert after.stored_bytes > before.stored_bytes + len(STRESS)
    assert after.today.since <= after.at
    assert (after.today.since.tzinfo, after.this_month.since.day) == (dt.timezone.utc, 1)
    assert after.limits["queued_runs"] == 1000


def test_the_asynchronous_client_does_the_same(server: Server) -> None:
    async def main() -> None:
        async with AsyncMecaPy(url=server.url) as client:
            made = await client.tokens.create("Async", "read")
            assert made.id in [token.id for token in await client.tokens.list()]
            async with AsyncMecaPy(made.secret, server.url) as limited:
                assert (await limited.me()).token_name == "Async"
                assert (await limited.usage()).limits["wall_s"] == 900
            await client.tokens.revoke(made)
            assert made.id not in [token.id for token in await client.tokens.list()]

    asyncio.run(main())
