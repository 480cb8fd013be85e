"""Real chats of several turns, single answers, and text of many bytes a sign, as a project."""

import gzip
import json
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from doitkit.build import Dataset, build
from doitkit.core.workspace import Workspace
from doitkit.mix import Mixture
from doitkit.recipe import Recipe, load_recipe
from doitkit.recipe.training import Training
from doitkit.train.backend import Job
from tests.models import write_weights
from tests.project import write_rows
from tests.train.templates import FORMATS

_RECIPE = """\
doitkit: 1
name: real
seed: 1
sources:
  talks: {path: talks.jsonl, format: messages, origin: synthetic, generator: gpt-3.5-turbo}
  answers: {path: answers.jsonl, format: messages, origin: human}
abilities:
  talking:
    sources: [talks, answers]
    evaluate: {path: test.jsonl, format: prompt_completion, metric: bits_per_byte}
"""
Chat = dict[str, list[dict[str, str]]]


def chats(data: Path | None) -> tuple[list[Chat], list[Chat]]:
    """Return chats of several turns, and of one; made up where there are no real data."""
    if data is None:
        return [_chat([f"{i}?", f"It is {i}.", "Sure?", " Yes. \n"]) for i in range(30)], [
            _chat([f"How much is {i}\u00b2?", f"{i * i} \u2615\n"]) for i in range(30)
        ]
    folder = data / "instructions"
    talks = []
    for file in sorted(folder.glob("character_llm_chatgpt/multiturn_*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in islice(lines, 20):
                turns = json.loads(line)["content"]
                texts = ["\n".join(t["content"] for t in turn["turn_content"]) for turn in turns]
                talks.append(_chat(texts[:6]))
    with gzip.open(folder / "mbpp" / "mbpp.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, 120)]
    file = (
        folder
        / "alpaca_zh_translated"
        / "alpaca_data-0-3252-\u4e2d\u6587-\u5df2\u5b8c\u6210.json.gz"
    )
    with gzip.open(file, "rt", encoding="utf-8") as text:
        chinese = json.load(text)[:80]
    answers = [_chat([row["text"], row["code"]]) for row in rows]
    return talks, answers + [_chat([row["instruction"], row["output"]]) for row in chinese]


def _chat(texts: list[str]) -> Chat:
    roles = ("user", "assistant")
    told = [{"role": roles[at % 2], "content": text} for at, text in enumerate(texts)]
    return {"messages": told[: len(told) // 2 * 2]}


def tokenizer_for(texts: list[str], form: str) -> Any:
    """Return a byte-level BPE tokenizer made from the texts, with a chat format."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    fmt = FORMATS[form]
    special = list(dict.fromkeys([*fmt.special, fmt.eos]))
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=2000, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=made, eos_token=fmt.eos)
    fast.chat_template = fmt.template
    return fast


class RealProject:
    """A dataset of such chats, and a base model whose tokenizer was made from them."""

    def __init__(self, folder: Path, data: Path | None) -> None:
        self.folder = folder
        folder.mkdir()
        talks, answers = chats(data)
        write_rows(folder / "talks.jsonl", talks)
        write_rows(folder / "answers.jsonl", answers)
        write_rows(folder / "test.jsonl", [{"prompt": "A?", "completion": "B."}])
        texts = [m["content"] for chat in (*talks, *answers) for m in chat["messages"]]
        base = folder / "base"
        base.mkdir()
        tokenizer = tokenizer_for(texts, "chatml")
        tokenizer.save_pretrained(base)
        tokenizer.pad_token = tokenizer.eos_token
        write_weights(base, tokenizer)
        self.base = base
        self.recipe = self._loaded()
        self.dataset: Dataset = build(self.recipe, Workspace(folder / "ws"))

    def _loaded(self) -> Recipe:
        train = {"base_model": str(self.base), "device": "cpu", "dtype": "float32"}
        (self.folder / "recipe.yaml").write_text(_RECIPE + yaml.safe_dump({"train": train}))
        return load_recipe(self.folder / "recipe.yaml")

    def edit(self, old: str, new: str) -> None:
        """Change the words of one answer in a source, and build again."""
        file = self.folder / "talks.jsonl"
        text = file.read_text()
        assert text.count(old) == 1
        file.write_text(text.replace(old, new))
        self.dataset = build(self._loaded(), Workspace(self.folder / "ws"))

    def job(self, name: str, **declared: Any) -> Job:
        """Return a job over all rows."""
        stock = self.dataset.supply
        mixture = Mixture.of("all", dict(stock))
        assert self.recipe.train is not None
        training = Training.model_validate(
            self.recipe.train.model_dump() | {"batch_size": 4, "max_steps": 1} | declared
        )
        place = self.folder / name
        place.mkdir()
        return Job(
            run_id=name,
            recipe_hash="",
            mixture=mixture,
            dataset_folder=self.dataset.folder,
            dataset_id="",
            training=training,
            base_path=str(self.base),
            base_hash="",
            config_hash="",
            seed=1,
            folder=place,
            threads=1,
        )
