"""The method `answer`: a generator answers the prompts of another source.

The result is a paired set: the same prompts, answered by a model instead of a person, so that
a comparison of the two origins is about who answered and not about what was asked.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from doitkit.core.errors import ProviderError, UnreachableError, UsageError
from doitkit.core.files import read_json, write_json, write_text
from doitkit.core.hashing import digest
from doitkit.core.progress import SILENT, Progress, Task
from doitkit.core.records import Record
from doitkit.core.version import VERSION
from doitkit.core.workspace import Workspace
from doitkit.plan import (
    inventory_of,
    make_plan,
    messages_to_send,
    most_usd,
)
from doitkit.recipe.data import Generator
from doitkit.recipe.model import Recipe
from doitkit.recipe.prices import Caps
from doitkit.survey import contents_of, declared_of, survey
from doitkit.synth.ledger import LEDGER_FILE, Ledger
from doitkit.synth.provider import Answer, Provider, Request

STEP_VERSION = 1


def synthesize(
    recipe: Recipe, workspace: Workspace, *, ask: bool = True, progress: Progress = SILENT
) -> dict[str, Path]:
    """Generate every source of the recipe that is to be generated, and return their files.

    Answers that are in the workspace's ledger are not asked for again.

    Parameters
    ----------
    ask
        Whether answers that are missing may be asked for.

    Raises
    ------
    UsageError
        If a source is not generated yet and `ask` is false.
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
    providers = _providers(recipe)
    index = _index(recipe, workspace, providers)
    known = _known(index, workspace)
    if known is not None:
        return known
    found = survey(recipe, progress=progress)
    make_plan(recipe, inventory_of(recipe, found))
    files: dict[str, Path] = {}
    with closing(Ledger(workspace.synth / LEDGER_FILE)) as ledger:
        for generator, provider in providers.items():
            names = [n for n, source in declared.items() if source.answer.generator == generator]
            # One generator at a time: a model on this machine may fill its memory.
            with closing(provider):
                for name in names:
                    wanted = _Answers(recipe, name, found.prompts, provider)
                    files[name] = workspace.synth / wanted.file
                    if not files[name].is_file():
                        _require_leave(ask, name)
                        _write_answers(wanted, files[name], ledger, progress)
    write_json(index, {name: file.name for name, file in files.items()})
    return {name: files[name] for name in declared}


def generated_sources(recipe: Recipe, workspace: Workspace) -> dict[str, Path]:
    """Return the files of the recipe's generated sources, if all of them are generated."""
    if not recipe.synthesized_sources():
        return {}
    return _known(_index(recipe, workspace, _providers(recipe)), workspace) or {}


def answered(
    recipe: Recipe, workspace: Workspace, prompts: Mapping[str, Sequence[Record]]
) -> dict[str, int]:
    """Return how many answers of each generated source are in the ledger already.

    Parameters
    ----------
    prompts
        The records whose prompts are asked, by the source that lends them, as a survey gives them.
    """
    file = workspace.synth / LEDGER_FILE
    if not file.is_file():
        return {}
    providers = _providers(recipe)
    with closing(Ledger(file)) as ledger:
        return {
            name: len(
                ledger.answers(
                    _Answers(recipe, name, prompts, providers[source.answer.generator]).keys
                )
            )
            for name, source in recipe.synthesized_sources().items()
        }


def _providers(recipe: Recipe) -> dict[str, Provider]:
    asked = (source.answer.generator for source in recipe.synthesized_sources().values())
    return {name: open_provider(recipe, recipe.generators[name]) for name in dict.fromkeys(asked)}


def _index(recipe: Recipe, workspace: Workspace, providers: Mapping[str, Provider]) -> Path:
    return workspace.synth / f"files-{_inputs_key(recipe, providers)}.json"


def _known(index: Path, workspace: Workspace) -> dict[str, Path] | None:
    if not index.is_file():
        return None
    known = {name: workspace.synth / file for name, file in read_json(index).items()}
    return known if all(file.is_file() for file in known.values()) else None


def _inputs_key(recipe: Recipe, providers: Mapping[str, Provider]) -> str:
    identities = {name: provider.identity for name, provider in providers.items()}
    return digest([VERSION, STEP_VERSION, declared_of(recipe), contents_of(recipe, {}), identities])


def _require_leave(ask: bool, name: str) -> None:
    if not ask:
        raise UsageError(
            f"the source `{name}` is not generated yet",
            where=f"sources.{name}",
            why="only `doitkit synth` and `doitkit loop` ask a generator, which may cost money",
            next_step="run `doitkit synth` first",
        )


def open_provider(recipe: Recipe, generator: Generator) -> Provider:
    """Return the provider that a recipe's generator declares."""
    if generator.provider == "openai":
        from doitkit.synth.openai_provider import OpenAIProvider

        return OpenAIProvider(generator)
    from doitkit.synth.local_provider import LocalProvider

    return LocalProvider(generator, recipe.folder / generator.model)


class _Answers:
    """The answers that one source is to hold."""

    def __init__(
        self,
        recipe: Recipe,
        name: str,
        prompts: Mapping[str, Sequence[Record]],
        provider: Provider,
    ) -> None:
        method = recipe.synthesized_sources()[name].answer
        self.recipe = recipe
        self.name = name
        self.provider = provider
        self.generator = recipe.generators[method.generator]
        self.prompts = prompts[method.prompts_from][: method.rows]
        self.requests = [Request(messages_to_send(record, method)) for record in self.prompts]
        self.keys = [request.key(provider.identity) for request in self.requests]

    @property
    def file(self) -> str:
        """The name of their file."""
        return f"{self.name}-{digest(self.keys)}.jsonl"


def _write_answers(wanted: _Answers, file: Path, ledger: Ledger, progress: Progress) -> None:
    name = wanted.name
    with progress.task(f"generating {name}, in answers", len(wanted.requests)) as task:
        account = Account(ledger, wanted.recipe.caps, name, wanted.generator)
        answers = answer_all(wanted.requests, wanted.keys, wanted.provider, account, task)
    empty = sum(not answer.text.strip() for answer in answers)
    if empty:
        progress.note(f"{empty:,} of the answers for {name} are empty and will be rejects")
    cut = sum(answer.finish_reason == "length" and bool(answer.text.strip()) for answer in answers)
    if cut:
        progress.note(
            f"{cut:,} of the answers for {name} were cut off at "
            f"{wanted.generator.max_new_tokens} tokens and are kept as they are; "
            "`max_new_tokens` sets the limit"
        )
    write_text(file, "".join(_lines(wanted.prompts, answers)))


@dataclass(frozen=True)
class Account:
    """Where requests are entered, and on whose behalf."""

    ledger: Ledger
    caps: Caps
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
