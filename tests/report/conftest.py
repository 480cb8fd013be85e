"""The simulated turn that most tests of the report look at; fitted once."""

import pytest

from doitkit.report import Findings
from tests.report.world import tiny


@pytest.fixture(scope="session")
def findings() -> Findings:
    return tiny()
