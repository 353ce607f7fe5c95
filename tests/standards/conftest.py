"""The validators come with `make test` and are no part of the program."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

VALIDATORS = ("jsonschema", "mlcroissant", "pyshacl")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if Path(__file__).parent not in item.path.parents or all(map(find_spec, VALIDATORS)):
        return
    why = f"Not installed: {', '.join(VALIDATORS)}. `make test` brings them."
    (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
