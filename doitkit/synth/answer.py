"""The method `answer`: a generator answers the prompts of another source.

The result is a paired set: the same prompts, answered by a model instead of a person, so that
a comparison of the two origins is about who answered and not about what was asked.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from doitkit.core.errors import ProviderError, UnreachableError
from doitkit.core.files import write_text
from doitkit.core.hashing import digest
from doitkit.core.progress import SILENT, Progress, Task
from doitkit.core.records import Record
from doitkit.core.workspace import Workspace
from doitkit.plan import Survey, make_plan, messages_to_send, most_usd, survey
from doitkit.recipe.data import Generator, SynthesisCaps
from doitkit.recipe.model import Recipe
from doitkit.synth.ledger import LEDGER_FILE, Ledger
from doitkit.synth.provider import Answer, Provider, Request


def synthesize(
    recipe: Recipe, workspace: Workspace, *, progress: Progress = SILENT
) -> dict[str, Path]:
    """Generate every source of the recipe that is to be generated, and return their files.

    Answers that are in the workspace's ledger are not asked for again.

    Raises
    ------
    PlanError
        If it would exceed a cap; nothing is sent then.
    CapReachedError
        If what was spent before and the next requests together would exceed a cap.
    ProviderError
        If a generator fails for good. What it answered is kept.
    """
    declared = recipe.synthesized_sources()
    if not declared:
        return {}
    found = survey(recipe)
    make_plan(recipe, found)
    ledger = Ledger(workspace.synth / LEDGER_FILE)
    files: dict[str, Path] = {}
    try:
        by_generator: dict[str, list[str]] = {}
        for name, source in declared.items():
            by_generator.setdefault(source.answer.generator, []).append(name)
        for generator_name, names in by_generator.items():
            provider = open_provider(recipe, recipe.generators[generator_name])
            try:
                for name in names:
                    files[name] = _answer_source(
                        recipe, name, found, provider, ledger, workspace, progress
                    )
            finally:
                provider.close()
    finally:
        ledger.close()
    return files


def open_provider(recipe: Recipe, generator: Generator) -> Provider:
    """Return the provider that a recipe's generator declares."""
    if generator.provider == "openai":
        from doitkit.synth.openai_provider import OpenAIProvider

        return OpenAIProvider(generator)
    from doitkit.synth.local_provider import LocalProvider

    return LocalProvider(generator, recipe.folder / generator.model)


def _answer_source(
    recipe: Recipe,
    name: str,
    found: Survey,
    provider: Provider,
    ledger: Ledger,
    workspace: Workspace,
    progress: Progress,
) -> Path:
    method = recipe.synthesized_sources()[name].answer
    prompts = found.prompts[method.prompts_from][: method.rows]
    requests = [Request(messages_to_send(record, method)) for record in prompts]
    keys = [request.key(provider.identity) for request in requests]
    file = workspace.synth / f"{name}-{digest(keys)}.jsonl"
    if file.is_file():
        return file
    generator = recipe.generators[method.generator]
    with progress.task(f"generating {name}, in answers", len(requests)) as task:
        account = Account(ledger, recipe.caps, name, generator)
        answers = answer_all(requests, keys, provider, account, task)
    empty = sum(not answer.text.strip() for answer in answers)
    if empty:
        progress.note(f"{empty:,} of the answers for {name} are empty and will be rejects")
    write_text(file, "".join(_lines(prompts, answers)))
    return file


@dataclass(frozen=True)
class Account:
    """Where requests are entered, and on whose behalf."""

    ledger: Ledger
    caps: SynthesisCaps
    source: str
    generator: Generator

    def enter(self, key: str, request: Request) -> int:
        """Enter a request that is about to be sent; return its number."""
        most = most_usd(self.generator, request.messages)
        return self.ledger.reserve(self.caps, self.source, self.generator.model, key, most)


def answer_all(
    requests: Sequence[Request],
    keys: Sequence[str],
    provider: Provider,
    account: Account,
    task: Task,
) -> list[Answer]:
    """Return an answer for each request, from the ledger where it is there, else by asking."""
    known = account.ledger.answers(keys)
    task.advance(len(known))
    size = provider.batch_size or len(requests)
    for start in range(0, len(requests), size):
        batch = range(start, min(start + size, len(requests)))
        # Two prompts are one request where an instruction replaces their system messages.
        missing = {keys[i]: i for i in batch if keys[i] not in known}
        if not missing:
            continue
        provider.open()
        if provider.batch_size:
            answers = _ask_together([(keys[i], requests[i]) for i in batch], provider, account)
        else:
            answers = _ask_each([(k, requests[i]) for k, i in missing.items()], provider, account)
        for key, answer in answers:
            known.setdefault(key, answer)
            task.advance()
    return [known[key] for key in keys]


def _ask_each(
    asked: Sequence[tuple[str, Request]], provider: Provider, account: Account
) -> Iterator[tuple[str, Answer]]:
    """Yield (key, answer) as answers arrive, each entered before it is sent and settled after."""
    entered: dict[int, int] = {}

    def sent() -> Iterator[Request]:
        for index, (key, request) in enumerate(asked):
            entered[index] = account.enter(key, request)
            yield request

    def close(index: int, error: ProviderError) -> None:
        # Of a request that did not come through, nobody knows whether it is charged.
        if not isinstance(error, UnreachableError):
            account.ledger.fail(entered[index])

    def again(index: int, error: ProviderError) -> None:
        close(index, error)
        entered[index] = account.enter(*asked[index])

    failure: ProviderError | None = None
    for index, outcome in provider.answer(sent(), again):
        if isinstance(outcome, Answer):
            account.ledger.settle(entered[index], asked[index][0], outcome)
            yield asked[index][0], outcome
        else:
            failure = failure or outcome
            close(index, outcome)
    if failure is not None:
        raise failure


def _ask_together(
    asked: Sequence[tuple[str, Request]], provider: Provider, account: Account
) -> Iterator[tuple[str, Answer]]:
    """Yield (key, answer) of a batch, kept in one step when all of it is answered."""
    answered: list[tuple[str, Answer]] = []
    for index, outcome in provider.answer((request for _, request in asked), _never):
        if not isinstance(outcome, Answer):
            raise outcome
        answered.append((asked[index][0], outcome))
    account.ledger.keep(answered)
    yield from answered


def _never(_: int, error: ProviderError) -> None:
    raise error


def _lines(prompts: Iterable[Record], answers: Iterable[Answer]) -> Iterable[str]:
    for record, answer in zip(prompts, answers, strict=True):
        # The answer stands under the prompt as it was written, so that the pair shares its id.
        messages = [*record.prompt, {"role": "assistant", "content": answer.text}]
        row = {"messages": messages, "finish_reason": answer.finish_reason}
        yield json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n"
