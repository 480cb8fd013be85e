"""Axolotl's own judgement of a configuration, from its own environment."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from doitkit.core.errors import DoitkitError, UsageError
from doitkit.train.axolotl import inside
from doitkit.train.axolotl.environment import VERSION, Environment
from doitkit.train.axolotl.fields import FIELDS_FILE

_LAST_LINES = 3


def ask(environment: Environment, what: str, *arguments: str | Path, **variables: str) -> Any:
    """Return what Axolotl answers to `fields` or `validate`; see `inside.py`."""
    with TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        # -P: else the modules beside it would stand before those of the same name.
        done = environment.run(["-P", inside.__file__, what, answer, *arguments], variables)
        if not answer.is_file():
            said = [line for line in done.stderr.splitlines() if line.strip()]
            raise DoitkitError(
                "Axolotl's environment does not work",
                where=environment.folder,
                why=" / ".join(said[-_LAST_LINES:]),
                next_step="remove that folder, and install it again: doitkit backend install "
                "axolotl",
            )
        return json.loads(answer.read_text(encoding="utf-8"))


def problems_of(
    configs: Sequence[dict[str, Any]], environment: Environment, *, assume_gpus: int | None = None
) -> list[list[dict[str, str]]]:
    """Return what Axolotl has against each configuration: the `key` and the `message` of each.

    Parameters
    ----------
    assume_gpus
        Judge as if there were so many GPUs of a common kind; by this machine if not given.
    """
    local = all(Path(config["base_model"]).is_dir() for config in configs)
    offline = {"HF_HUB_OFFLINE": "1"} if local else {}
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"{at}.yml" for at in range(len(configs))]
        for file, config in zip(files, configs, strict=True):
            file.write_text(yaml.safe_dump(config), encoding="utf-8")
        assumed = "" if assume_gpus is None else str(assume_gpus)
        answer = ask(environment, "validate", assumed, *files, **offline)
    found: list[list[dict[str, str]]] = answer["problems"]
    return found


def require_valid(
    config: dict[str, Any], environment: Environment, *, assume_gpus: int | None = None
) -> None:
    """Raise unless Axolotl accepts the configuration; see `problems_of`.

    Raises
    ------
    UsageError
        It says what Axolotl has against it.
    """
    (problems,) = problems_of([config], environment, assume_gpus=assume_gpus)
    if problems:
        key = problems[0]["key"]
        told = "; ".join(problem["message"] for problem in problems)
        raise UsageError(
            "Axolotl refuses the configuration",
            where=f"train, where Axolotl has `{key}`" if key else "train",
            why=" ".join(told.split()),
            next_step="change the setting that it names, in `train` or in `train.options`",
        )


def require_known_version(environment: Environment) -> int:
    """Return how many keys Axolotl knows, if they are those of the list that lies here.

    Raises
    ------
    UsageError
        If they differ: the environment holds another version.
    """
    told = ask(environment, "fields", HF_HUB_OFFLINE="1")
    if told != json.loads(FIELDS_FILE.read_text(encoding="utf-8")):
        raise UsageError(
            f"this is not the Axolotl {VERSION} that doitkit knows",
            where=environment.folder,
            why=f"it says that it is {told['version']}, and its keys differ",
            next_step="remove that folder, and run: doitkit backend install axolotl",
        )
    return len(told["fields"])
