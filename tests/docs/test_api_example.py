"""The example of docs/api.md, run as it stands."""

from pathlib import Path

import pytest

DOC = Path(__file__).resolve().parents[2] / "docs" / "api.md"


@pytest.mark.slow
def test_the_example_runs(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = DOC.read_text().split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(project.parent)
    exec(compile(code, str(DOC), "exec"), {})
    out = capsys.readouterr().out
    assert "runs;" in out
    assert "rejects" in out
    assert "none" in out  # the method of the base model, the first run
    assert (project / "workspace" / "report.html").is_file()
    assert (project / "recipe.next.yaml").is_file()
