"""Answers of a model folder: greedy, in whole batches, the same after a kill."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from doitkit.core.errors import ModelError, ProviderError
from doitkit.core.workspace import Workspace
from doitkit.recipe import load_recipe
from doitkit.recipe.data import Generator
from doitkit.synth import Spending, spending_of, synthesize
from doitkit.synth.local_provider import LocalProvider
from doitkit.synth.provider import Answer, Request
from tests.models import byte_tokenizer, write_weights
from tests.synth.paired import write_paired
from tests.synth.test_kill import PROGRAM, answered

pytestmark = pytest.mark.slow

BATCH = 8
PROMPTS = ("Repeat: house", "7 plus 5")


def provider(folder: Path, **declared: object) -> LocalProvider:
    settings = {"provider": "local", "model": "teacher", "max_new_tokens": 12, **declared}
    made = LocalProvider(Generator.model_validate(settings), folder)
    made.open()
    return made


def answers(
    source: LocalProvider, *chats: tuple[dict[str, str], ...]
) -> dict[int, Answer | ProviderError]:
    def again(index: int, error: ProviderError) -> None:
        raise AssertionError("nothing is asked twice of a model on this machine")

    return dict(source.answer([Request(chat) for chat in chats], again))


def texts(source: LocalProvider, *chats: tuple[dict[str, str], ...]) -> list[str]:
    outcomes = answers(source, *chats)
    found = [outcomes[i] for i in range(len(chats))]
    assert all(isinstance(outcome, Answer) for outcome in found)
    return [outcome.text for outcome in found if isinstance(outcome, Answer)]


def user(text: str) -> tuple[dict[str, str], ...]:
    return ({"role": "user", "content": text},)


def test_the_demo_model_answers_and_stops(base_model: Path) -> None:
    source = provider(base_model)
    chats = [user("Repeat: house"), user("7 plus 5"), user("Letter 2 of house")]
    assert texts(source, *chats) == ["house", "12", "o"]
    found = answers(source, chats[0])[0]
    assert isinstance(found, Answer)
    assert (found.finish_reason, found.usd) == ("stop", 0.0)
    # A character is a token here, and the two marks of the prompt are one each.
    assert (found.input_tokens, found.output_tokens) == (len("Repeat: house") + 2, 5)


def test_a_limit_on_new_tokens_is_told(base_model: Path) -> None:
    source = provider(base_model, max_new_tokens=3)
    found = answers(source, user("Repeat: house"))[0]
    assert isinstance(found, Answer)
    assert (found.text, found.finish_reason, found.output_tokens) == ("hou", "length", 3)


def test_sampling_is_the_same_each_time(base_model: Path) -> None:
    source = provider(base_model, temperature=5.0)
    first = texts(source, *map(user, PROMPTS))
    assert first == texts(provider(base_model, temperature=5.0), *map(user, PROMPTS))
    assert first != ["house", "12"]


def test_a_system_message_changes_the_answer(tmp_path: Path) -> None:
    template = (
        "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}"
        "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
    )
    marks = ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
    tokenizer = byte_tokenizer(template, marks)
    tokenizer.save_pretrained(tmp_path)
    write_weights(tmp_path, tokenizer)
    source = provider(tmp_path)
    told = ({"role": "system", "content": "You are a cook."}, *user("Who are you?"))
    alone, with_system = texts(source, user("Who are you?"), told)
    assert alone != with_system


def test_a_model_without_a_chat_template_answers(tmp_path: Path) -> None:
    tokenizer = byte_tokenizer(None, [])
    tokenizer.save_pretrained(tmp_path)
    write_weights(tmp_path, tokenizer)
    assert len(texts(provider(tmp_path), user("Hello"))) == 1


def test_a_template_that_refuses_the_chat_is_said(tmp_path: Path) -> None:
    template = (
        "{% for m in messages %}"
        "{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
        "{{ m['content'] }}{% endfor %}"
    )
    tokenizer = byte_tokenizer(template, [])
    tokenizer.save_pretrained(tmp_path)
    write_weights(tmp_path, tokenizer)
    told = ({"role": "system", "content": "Be brief."}, *user("Hello"))
    with pytest.raises(ModelError, match="refuses a chat") as caught:
        texts(provider(tmp_path), told)
    assert "System role not supported" in str(caught.value)


def test_a_folder_that_is_no_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not exist"):
        provider(tmp_path / "nowhere")
    with pytest.raises(ModelError, match="not a Hugging Face model folder"):
        provider(tmp_path)


def test_the_identity_is_the_content_of_the_folder(base_model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(base_model, copy)
    request = Request(user("Hello"))
    key = request.key(provider(base_model).identity)
    assert request.key(provider(copy).identity) == key
    (copy / "chat_template.jinja").write_text("{{ messages[0]['content'] }}")
    assert request.key(provider(copy).identity) != key
    assert request.key(provider(base_model, batch_size=7).identity) != key


@pytest.fixture
def local(tmp_path: Path, base_model: Path) -> Path:
    """A paired project in which the demo's model is the teacher."""
    shutil.copytree(base_model, tmp_path / "teacher")
    file = write_paired(tmp_path, "unused", rows=6 * BATCH + 3)
    text = file.read_text().replace("provider: openai", "provider: local")
    text = text.replace("model: teacher-1", f"model: teacher\n    batch_size: {BATCH}")
    lines = [line for line in text.splitlines() if not line.startswith("    base_url")]
    file.write_text("\n".join(lines) + "\n")
    return file


def test_after_a_kill_the_answers_are_the_same(local: Path) -> None:
    whole, killed = Workspace(local.parent / "whole"), Workspace(local.parent / "killed")
    expected = synthesize(load_recipe(local), whole)["teacher-answers"].read_bytes()

    command = [sys.executable, "-c", PROGRAM, str(local), str(killed.root)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < deadline:
            if answered(killed) > BATCH:
                os.kill(process.pid, signal.SIGKILL)
                break
            time.sleep(0.002)
    assert process.returncode == -signal.SIGKILL
    assert answered(killed) % BATCH == 0

    file = synthesize(load_recipe(local), killed)["teacher-answers"]
    assert file.read_bytes() == expected


def test_a_model_on_this_machine_needs_no_cap(local: Path) -> None:
    file = local.read_text()
    assert "requests: 10000" in file
    local.write_text(file.replace("requests: 10000", "requests: 0"))
    workspace = Workspace(local.parent / "ws")
    synthesize(load_recipe(local), workspace)
    assert spending_of(workspace) == Spending(0, 0.0)


def test_a_finished_source_loads_no_model(local: Path) -> None:
    workspace = Workspace(local.parent / "ws")
    synthesize(load_recipe(local), workspace)
    program = PROGRAM + "print('torch' in sys.modules)"
    command = [sys.executable, "-c", program, str(local), str(workspace.root)]
    assert subprocess.run(command, check=True, capture_output=True).stdout == b"False\n"


def test_a_damaged_model_is_said(base_model: Path, tmp_path: Path) -> None:
    shutil.copytree(base_model, tmp_path / "teacher")
    (tmp_path / "teacher" / "model.safetensors").write_bytes(b"half")
    with pytest.raises(ModelError, match="cannot be loaded"):
        provider(tmp_path / "teacher")
