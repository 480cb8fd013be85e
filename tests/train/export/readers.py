"""What the real trainers make of an export, each in an environment of its own.

Run as a program, with the environment's own interpreter: it knows nothing of doitkit. It prints,
row by row, the tokens and which of them are trained.
"""

import json
import sys
from pathlib import Path
from typing import Any


def llama_factory(folder: Path) -> list[dict[str, Any]]:
    import yaml
    from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
    from llamafactory.hparams import get_train_args
    from llamafactory.model import load_tokenizer

    config = yaml.safe_load((folder / "train.yaml").read_text())
    more = {"report_to": "none", "use_cpu": True, "preprocessing_num_workers": 1}
    model, data, training, _, _ = get_train_args(config | more)
    loaded = load_tokenizer(model)
    template = get_template_and_fix_tokenizer(loaded["tokenizer"], data)
    rows = get_dataset(template, model, data, training, stage="sft", **loaded)["train_dataset"]
    return [{"ids": row["input_ids"], "labels": row["labels"]} for row in rows]


def axolotl(folder: Path) -> list[dict[str, Any]]:
    from axolotl.cli.args import PreprocessCliArgs
    from axolotl.cli.config import load_cfg
    from axolotl.common.datasets import load_datasets

    config = load_cfg(str(folder / "axolotl.yaml"), dataset_num_proc=1)
    rows = load_datasets(cfg=config, cli_args=PreprocessCliArgs()).train_dataset
    return [{"ids": list(row["input_ids"]), "labels": list(row["labels"])} for row in rows]


def trl(folder: Path) -> list[dict[str, Any]]:
    from datasets import load_dataset
    from transformers import AutoTokenizer
    from trl import (
        DatasetMixtureConfig,
        ModelConfig,
        ScriptArguments,
        SFTConfig,
        SFTTrainer,
        TrlParser,
        get_dataset,
    )

    parser = TrlParser((ScriptArguments, SFTConfig, ModelConfig, DatasetMixtureConfig))
    config = ["--config", str(folder / "sft.yaml"), "--use_cpu", "--report_to", "none"]
    _, training, model, mixture = parser.parse_args_and_config(config)
    direct = load_dataset("json", data_files="train.jsonl", split="train")
    read = get_dataset(mixture)["train"]
    assert direct.to_list() == read.to_list()
    name = model.model_name_or_path
    tokenizer = AutoTokenizer.from_pretrained(name)
    trainer = SFTTrainer(name, args=training, train_dataset=read, processing_class=tokenizer)
    prepared = trainer.train_dataset
    rows = [{"ids": list(row["input_ids"]), "labels": list(row["labels"])} for row in prepared]
    trainer.train()
    return rows


READERS = {"llama-factory": llama_factory, "axolotl": axolotl, "trl": trl}

if __name__ == "__main__":
    read = READERS[sys.argv[1]](Path(sys.argv[2]))
    Path(sys.argv[3]).write_text(json.dumps(read))
