"""The examples in the docstrings are run with the package at hand."""

import sys
from pathlib import Path

import pytest

import mecapy

# As an installed one is found: by one straight path, which the runner knows its own frames by.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "worker" / "python"))


@pytest.fixture(autouse=True)
def _package(doctest_namespace: dict[str, object]) -> None:
    doctest_namespace["mecapy"] = mecapy
