import os
from pathlib import Path

import pytest

import mecapy
from mecapy import MecaPy
from mecapy._credentials import DEFAULT_URL, credentials_file, find_place, store
from mecapy._transport import Place


def test_what_is_given_wins_over_the_environment_and_that_over_what_is_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert find_place() == Place(DEFAULT_URL, None)
    store(Place("https://stored.example", "stored"))
    assert find_place() == Place("https://stored.example", "stored")
    monkeypatch.setenv("MECAPY_URL", "https://environment.example/")
    assert find_place() == Place("https://environment.example", None)
    monkeypatch.setenv("MECAPY_TOKEN", "environment")
    assert find_place() == Place("https://environment.example", "environment")
    assert find_place("https://given.example", "given") == Place("https://given.example", "given")


def test_a_token_is_in_no_representation() -> None:
    with MecaPy("secret") as client:
        assert "secret" not in f"{client!r} {vars(client)!r} {client._place!r}"


def test_a_stored_token_goes_to_its_own_server_only() -> None:
    store(Place("https://one.example", "one"))
    store(Place("https://two.example", "two"))
    assert find_place("https://one.example").token == "one"
    assert find_place("https://two.example").token == "two"
    assert find_place("https://three.example").token is None
    assert find_place("http://one.example").token is None
    store(Place("https://one.example", None))
    assert find_place("https://one.example").token is None


def test_the_file_is_for_its_owner_alone(home: Path) -> None:
    old = os.umask(0)
    try:
        path = store(Place("https://one.example", "one"))
    finally:
        os.umask(old)
    assert path == home / ".config" / "mecapy" / "credentials.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0
    assert [one.name for one in path.parent.iterdir()] == ["credentials.json"]


@pytest.mark.parametrize(
    "url", ["example.eu", "ftp://example.eu", "https://", "http://[::1", "http://a:99999"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(mecapy.ValidationError, match="is no address of a server") as refused:
        MecaPy(url=url)
    assert refused.value.field == "url"


def test_a_broken_file_and_a_broken_token_are_named() -> None:
    with pytest.raises(mecapy.ValidationError, match="characters that no token has"):
        MecaPy("to\nken")
    credentials_file().parent.mkdir(parents=True)
    credentials_file().write_text("{")
    with pytest.raises(mecapy.ValidationError, match=r"credentials\.json cannot be read"):
        MecaPy()
