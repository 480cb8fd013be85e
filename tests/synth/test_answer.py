"""Generating a source: paired with its prompts, asked for once, within the caps."""

import re
from pathlib import Path

import pytest

from doitkit.core.errors import (
    CapReachedError,
    PlanError,
    ProviderError,
    UnreachableError,
    UsageError,
)
from doitkit.core.origins import Cell
from doitkit.core.workspace import Workspace
from doitkit.plan import inventory_of, make_plan
from doitkit.preview import preview
from doitkit.recipe import load_recipe
from doitkit.recipe.data import FileSource
from doitkit.source import read_records
from doitkit.survey import survey
from doitkit.synth import Spending, openai_provider, spending_of, synthesize
from tests.progress import Notes
from tests.project import write_rows
from tests.synth.conftest import KEY
from tests.synth.endpoint import Endpoint, completion, refusal
from tests.synth.paired import load_paired, write_paired

HUMAN, SYNTHETIC = Cell("talk", "human"), Cell("talk", "synthetic")


def test_the_answers_pair_with_those_of_people(endpoint: Endpoint, tmp_path: Path) -> None:
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=20)
    files = synthesize(recipe, workspace)
    found = survey(recipe, files)
    people, model = found.records(HUMAN), found.records(SYNTHETIC)
    assert len(people) == len(model) == 20
    # Equal sizes answer the same prompts, system messages included, in the same order.
    assert [r.prompt_id for r in people] == [r.prompt_id for r in model]
    assert [r.prompt for r in people] == [r.prompt for r in model]
    assert all(r.reply == f"You said: {r.prompt[-1]['content']}" for r in model)
    assert {r.generator for r in model} == {"teacher"}


def test_the_file_reads_back_without_a_reject(endpoint: Endpoint, tmp_path: Path) -> None:
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=20)
    file = synthesize(recipe, workspace)["teacher-answers"]
    rows = FileSource(path=file.name, format="messages", origin="synthetic")
    read = read_records("again", rows, file.parent, ability="talk", origin="synthetic")
    assert (len(read.records), read.rejects) == (20, [])


def test_system_messages_are_sent_and_an_instruction_takes_their_place(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=4)
    synthesize(recipe, workspace)
    systems = sorted(b["messages"][0]["content"] for b in endpoint.asked if len(b["messages"]) > 1)
    assert systems == ["You are 1.", "You are 3."]

    told = load_recipe(write_paired(tmp_path, endpoint.url, rows=4, instruction="Be brief."))
    file = synthesize(told, workspace)["teacher-answers"]
    assert {b["messages"][0]["content"] for b in endpoint.asked[4:]} == {"Be brief."}
    assert len(endpoint.asked) == 8
    # The row keeps the prompt of its pair, not the one that was sent.
    assert "Be brief." not in file.read_text()
    assert "You are 3." in file.read_text()


def test_nothing_is_asked_twice(endpoint: Endpoint, tmp_path: Path) -> None:
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=20, price=1.0, usd=5.0)
    first = synthesize(recipe, workspace)
    spent = spending_of(workspace)
    text = first["teacher-answers"].read_bytes()
    assert len(endpoint.asked) == 20
    assert spent == Spending(20, pytest.approx(20 * 15 / 1000))

    assert synthesize(recipe, workspace) == first
    first["teacher-answers"].unlink()
    synthesize(recipe, workspace)
    assert first["teacher-answers"].read_bytes() == text
    assert len(endpoint.asked) == 20
    assert spending_of(workspace) == spent


def test_without_leave_nothing_is_asked(endpoint: Endpoint, tmp_path: Path) -> None:
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=5)
    with pytest.raises(UsageError, match="not generated yet") as caught:
        synthesize(recipe, workspace, ask=False)
    assert caught.value.next_step == "run `doitkit synth` first"
    assert endpoint.asked == []
    files = synthesize(recipe, workspace)
    assert synthesize(recipe, workspace, ask=False) == files
    for index in workspace.synth.glob("files-*.json"):
        index.unlink()
    assert synthesize(recipe, workspace, ask=False) == files


def test_what_is_generated_is_found_without_reading_the_sources(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=5)
    files = synthesize(recipe, workspace)
    with monkeypatch.context() as patched:
        patched.setattr("doitkit.synth.answer.survey", None)
        assert synthesize(recipe, workspace) == files
    # Nothing that decides about the prompts is overlooked.
    with (tmp_path / "people.jsonl").open("a") as file:
        file.write('{"messages": [{"role": "user", "content": "And after a million?"}, ')
        file.write('{"role": "assistant", "content": "I do not know."}]}\n')
    write_rows(tmp_path / "test.jsonl", [{"prompt": "What comes after 3?", "completion": "4"}])
    again = synthesize(recipe, workspace)
    assert again != files
    assert len(endpoint.asked) == 6


def test_more_rows_ask_for_no_more_than_the_new_ones(endpoint: Endpoint, tmp_path: Path) -> None:
    file = write_paired(tmp_path, endpoint.url, rows=30)
    workspace = Workspace(tmp_path / "ws")
    file.write_text(file.read_text().replace("rows: 30", "rows: 10"))
    synthesize(load_recipe(file), workspace)
    file.write_text(file.read_text().replace("rows: 10", "rows: 30"))
    synthesize(load_recipe(file), workspace)
    assert len(endpoint.asked) == len(set(endpoint.prompts)) == 30


def test_prompts_that_an_instruction_makes_equal_are_asked_once(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    file = write_paired(tmp_path, endpoint.url, rows=6, instruction="Be brief.")
    chats = [
        [{"role": "system", "content": who}, {"role": "user", "content": "Who are you?"}]
        for who in ("a cook", "a pilot", "a judge", "a fisher", "a nurse", "a baker")
    ]
    reply = {"role": "assistant", "content": "I am what I am."}
    write_rows(tmp_path / "people.jsonl", ({"messages": [*chat, reply]} for chat in chats))
    recipe = load_recipe(file)
    files = synthesize(recipe, Workspace(tmp_path / "ws"))
    assert len(endpoint.asked) == 1
    assert len(survey(recipe, files).records(SYNTHETIC)) == 6


def test_no_key_is_needed_for_what_is_answered(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=5)
    files = synthesize(recipe, workspace)
    monkeypatch.delenv("TEACHER_KEY")
    assert synthesize(recipe, workspace) == files
    files["teacher-answers"].unlink()
    assert synthesize(recipe, workspace) == files


def test_without_a_key_nothing_is_entered(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=5)
    monkeypatch.delenv("TEACHER_KEY")
    with pytest.raises(UsageError, match="no API key"):
        synthesize(recipe, workspace)
    assert spending_of(workspace) == Spending(0, 0.0)


def test_a_plan_beyond_a_cap_sends_nothing(endpoint: Endpoint, tmp_path: Path) -> None:
    file = write_paired(tmp_path, endpoint.url, rows=20, requests=19)
    with pytest.raises(PlanError, match="requests"):
        synthesize(load_recipe(file), Workspace(tmp_path / "ws"))
    assert endpoint.asked == []


def test_the_cap_on_requests_stops_before_the_next_one(endpoint: Endpoint, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "ws")
    file = write_paired(tmp_path, endpoint.url, rows=20, requests=20)
    endpoint.respond = lambda body, n: completion("Hi") if n != 3 else refusal(400, "no")
    with pytest.raises(ProviderError, match="400"):
        synthesize(load_recipe(file), workspace)
    # The refused request counts, so the last of the twenty rows is one too many.
    with pytest.raises(CapReachedError, match="requests"):
        synthesize(load_recipe(file), workspace)
    assert len(endpoint.asked) == 20
    assert spending_of(workspace).requests == 20

    file.write_text(file.read_text().replace("requests: 20", "requests: 21"))
    synthesize(load_recipe(file), workspace)
    assert len(endpoint.asked) == 21


@pytest.mark.parametrize("cap", [1, 3])
def test_attempts_again_count_against_the_cap(endpoint: Endpoint, tmp_path: Path, cap: int) -> None:
    file = write_paired(tmp_path, endpoint.url, rows=1, requests=cap)
    workspace = Workspace(tmp_path / "ws")
    endpoint.respond = lambda *_: refusal(500, "out of order")
    with pytest.raises(ProviderError, match="500") as caught:
        synthesize(load_recipe(file), workspace)
    assert "the cap on requests is reached" in str(caught.value.why)
    assert len(endpoint.asked) == cap
    assert spending_of(workspace) == Spending(cap, 0.0)
    with pytest.raises(CapReachedError):
        synthesize(load_recipe(file), workspace)
    assert len(endpoint.asked) == cap


def test_every_attempt_is_in_the_account(endpoint: Endpoint, tmp_path: Path) -> None:
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=5, price=1.0, usd=5.0)
    endpoint.respond = lambda _, n: refusal(429, "busy") if n <= 4 else completion("Hi")
    synthesize(recipe, workspace)
    assert len(endpoint.asked) == 9
    assert spending_of(workspace) == Spending(9, pytest.approx(5 * 15 / 1000))


def test_a_plan_that_passes_leaves_money_for_every_request(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    # In Chinese, a character is more tokens than a quarter; and an instruction is sent too.
    file = write_paired(
        tmp_path, endpoint.url, rows=6, price=1.0, usd=9.0, instruction="\u7b80" * 40
    )
    recipe = load_recipe(file)
    planned = make_plan(recipe, inventory_of(recipe, survey(recipe))).usd
    assert planned > 6 * (0.120 + 0.020)
    for cap, passes in ((planned * 0.999, False), (planned * 1.001, True)):
        file.write_text(re.sub(r"usd: [0-9.]+, req", f"usd: {cap:.6f}, req", file.read_text()))
        if passes:
            synthesize(load_recipe(file), Workspace(tmp_path / "ws"))
        else:
            with pytest.raises(PlanError, match="usd"):
                synthesize(load_recipe(file), Workspace(tmp_path / "ws"))
            assert endpoint.asked == []
    assert len(endpoint.asked) == 6


def test_the_cap_on_money_holds_whatever_the_answers_cost(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    # An endpoint that charges for more than the prompts and the limit on the answers come to.
    endpoint.respond = lambda *_: completion("Hi", usage=(300, 20))
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=20, price=1.0, usd=2.0)
    with pytest.raises(CapReachedError, match="usd"):
        synthesize(recipe, workspace)
    answered = len(endpoint.asked)
    assert 0 < answered < 20
    assert spending_of(workspace) == Spending(answered, pytest.approx(answered * 0.320))
    assert spending_of(workspace).usd < 2.0 + 8 * 0.320


def test_a_refusal_keeps_what_was_answered(endpoint: Endpoint, tmp_path: Path) -> None:
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=20, price=1.0, usd=5.0)
    endpoint.respond = lambda _, n: completion("Hi") if n <= 10 else refusal(401, f"bad key {KEY}")
    with pytest.raises(ProviderError) as caught:
        synthesize(recipe, workspace)
    assert KEY not in str(caught.value)
    spent = spending_of(workspace)
    assert spent == Spending(len(endpoint.asked), pytest.approx(10 * 15 / 1000))

    before = len(endpoint.asked)
    endpoint.respond = lambda *_: completion("Hi")
    synthesize(recipe, workspace)
    assert len(endpoint.asked) == before + 10


def test_what_may_have_been_charged_counts_at_its_full_price(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEACHER_KEY", KEY)
    monkeypatch.setattr(openai_provider, "_RETRIES", 0)
    with Endpoint() as closed:
        url = closed.url
    recipe, workspace = load_paired(tmp_path, url, rows=20, price=1.0, usd=5.0)
    with pytest.raises(UnreachableError, match="cannot be reached"):
        synthesize(recipe, workspace)
    spent = spending_of(workspace)
    assert 1 <= spent.requests <= openai_provider._CONCURRENT
    # 20 tokens of answer and at least one of prompt each.
    assert spent.usd > spent.requests * 0.020


def test_an_empty_answer_becomes_a_reject_and_a_note(endpoint: Endpoint, tmp_path: Path) -> None:
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=5)
    endpoint.respond = lambda body, _: completion(
        None if "after 3?" in body["messages"][-1]["content"] else "Hi"
    )
    notes = Notes()
    files = synthesize(recipe, workspace, progress=notes)
    assert [line for line in notes.lines if "1 of the answers" in line]
    found = survey(recipe, files)
    assert len(found.records(SYNTHETIC)) == 4
    assert [(r.source, r.reason) for r in found.rejects] == [
        ("teacher-answers", "message 3 has no text")
    ]


def test_an_answer_that_was_cut_off_is_kept_and_told(endpoint: Endpoint, tmp_path: Path) -> None:
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=5)
    endpoint.respond = lambda _, n: completion("And so on", finish="length" if n < 3 else "stop")
    notes = Notes()
    files = synthesize(recipe, workspace, progress=notes)
    (line,) = notes.lines
    assert line.startswith("2 of the answers for teacher-answers were cut off at 20 tokens")
    assert len(survey(recipe, files).records(SYNTHETIC)) == 5


def test_the_key_reaches_no_file(endpoint: Endpoint, tmp_path: Path) -> None:
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=5)
    endpoint.respond = lambda _, n: completion("Hi") if n < 4 else refusal(401, f"bad {KEY}")
    with pytest.raises(ProviderError):
        synthesize(recipe, workspace)
    endpoint.respond = lambda *_: completion("Hi")
    synthesize(recipe, workspace)
    files = [path for path in workspace.root.rglob("*") if path.is_file()]
    assert len(files) >= 2
    assert all(KEY.encode() not in path.read_bytes() for path in files)


def test_a_plan_prices_only_the_answers_that_are_missing(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    recipe, workspace = load_paired(tmp_path, endpoint.url, rows=40, price=1.0, usd=9.0)
    (whole,) = preview(recipe, workspace).synthesis
    assert whole.requests == 40
    # Thirty of the forty are asked first: the nested order makes them the first thirty again.
    fewer = load_recipe(recipe.file, settings=["sources.teacher-answers.answer.rows=30"])
    synthesize(fewer, workspace)
    spent = spending_of(workspace).usd
    left = preview(recipe, workspace)
    (line,) = left.synthesis
    assert line.requests == 10
    assert line.usd == pytest.approx(whole.usd / 4, rel=0.2)
    money = {line.category: line.amount for line in left.money}
    assert money["requests"] == 40
    assert money["generation"] == pytest.approx(spent + line.usd)
    # All of it once more would exceed the cap; what is left does not.
    tight = load_recipe(recipe.file, settings=[f"caps.usd={spent + line.usd + 1e-6:.6f}"])
    assert preview(tight, workspace).usd == pytest.approx(line.usd)
