"""What Axolotl's own strategy for chats makes of messages, in Axolotl's environment.

It takes a file of cases, each a configuration, its base model and some chats, and writes the
tokens and labels of each chat into another.
"""

import json
import sys
from pathlib import Path
from typing import Any

from axolotl.prompt_strategies import load  # type: ignore[import-not-found]
from axolotl.utils.dict import DictDefault  # type: ignore[import-not-found]
from transformers import AutoTokenizer


def made(case: dict[str, Any]) -> list[dict[str, list[int]]]:
    tokenizer: Any = AutoTokenizer.from_pretrained(case["base"])
    config = DictDefault(case["config"])
    dataset = config.datasets[0]
    # As `normalize_cfg_datasets` does on the way to a training.
    dataset.chat_template = config.chat_template
    dataset.chat_template_jinja = config.chat_template_jinja
    strategy = load(dataset.type, tokenizer, config, dataset)
    return [strategy.tokenize_prompt(chat) for chat in case["chats"]]


cases, answer = map(Path, sys.argv[1:])
found = [made(case) for case in json.loads(cases.read_text(encoding="utf-8"))]
answer.write_text(json.dumps(found))
