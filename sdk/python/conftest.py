"""The examples in the docstrings are run with the package at hand."""

import pytest

import mecapy


@pytest.fixture(autouse=True)
def _package(doctest_namespace: dict[str, object]) -> None:
    doctest_namespace["mecapy"] = mecapy
