"""What is asked of Axolotl itself. It runs in Axolotl's environment, where doitkit is not.

`fields` lists every key that its configuration knows; `validate` hands it a configuration. Both
write JSON into a file, since Axolotl's libraries print what they please.
"""

import importlib
import json
import pkgutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args

ASSUMED = {"bf16": True, "fp8": False, "tf32": True, "compute_capability": "sm_80"}
"""What a GPU is taken for that is not on this machine."""


def fields() -> dict[str, Any]:
    """Return the keys of a configuration, those within them, and those that plugins add."""
    from axolotl.utils.schemas.config import (  # type: ignore[import-not-found]
        AxolotlInputConfig,
    )

    return {
        "version": version("axolotl"),
        "fields": _keys(AxolotlInputConfig),
        "plugins": _plugins(),
    }


def _keys(model: Any) -> dict[str, list[str] | None]:
    """Return key -> the keys within it, or None where anything may stand there."""
    found: dict[str, list[str] | None] = {}
    for name, field in model.model_fields.items():
        inner = sorted({key for one in _models(field.annotation) for key in _keys(one)})
        for key in {name, *_aliases(field)}:
            found[key] = inner or None
    return dict(sorted(found.items()))


def _aliases(field: Any) -> set[str]:
    given = {field.alias, *getattr(field.validation_alias, "choices", [field.validation_alias])}
    return {alias for alias in given if isinstance(alias, str)}


def _models(annotation: Any) -> list[Any]:
    """Return the models in an annotation; none, where it also lets in any mapping."""
    from pydantic import BaseModel

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if annotation is dict or getattr(annotation, "__origin__", None) is dict:
        return []
    parts = get_args(annotation)
    if any(part is dict or getattr(part, "__origin__", None) is dict for part in parts):
        return []
    return [model for part in parts for model in _models(part)]


def _plugins() -> dict[str, list[str]]:
    """Return plugin -> the keys that it adds."""
    from axolotl import integrations  # type: ignore[import-not-found]
    from axolotl.integrations.base import BasePlugin  # type: ignore[import-not-found]

    found = {}
    for module in pkgutil.iter_modules(integrations.__path__):
        if not module.ispkg:
            continue
        name = f"{integrations.__name__}.{module.name}"
        try:
            members = dict(vars(importlib.import_module(name))).items()
        except ImportError:  # it takes a package that is not installed
            continue
        for member, kind in members:
            if isinstance(kind, type) and issubclass(kind, BasePlugin) and kind is not BasePlugin:
                found[f"{name}.{member}"] = _added_keys(kind)
    return dict(sorted(found.items()))


def _added_keys(plugin: Any) -> list[str]:
    path = plugin().get_input_args()
    if not path:
        return []
    module, _, name = path.rpartition(".")
    return list(_keys(getattr(importlib.import_module(module), name)))


def problems(config: Path, gpus: int | None) -> list[dict[str, str]]:
    """Return what Axolotl has against a configuration: key and message of each thing.

    Parameters
    ----------
    gpus
        Take it that there are so many, of a common kind; look at this machine if not given.
    """
    import yaml
    from axolotl.cli.config import (  # type: ignore[import-not-found]
        gpu_capabilities,
        prepare_plugins,
    )
    from axolotl.utils.config import validate_config  # type: ignore[import-not-found]
    from axolotl.utils.dict import DictDefault  # type: ignore[import-not-found]
    from pydantic import ValidationError

    given = DictDefault(yaml.safe_load(config.read_text(encoding="utf-8")))
    capabilities, environment = gpu_capabilities()
    if gpus is not None:
        capabilities = {**ASSUMED, "n_gpu": gpus}
    try:
        prepare_plugins(given)
        validate_config(given, capabilities=capabilities, env_capabilities=environment)
    except ValidationError as error:
        return [
            {"key": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in error.errors()
        ]
    except Exception as error:
        return [{"key": "", "message": f"{type(error).__name__}: {error}"}]
    return []


def main(what: str, result: str, gpus: str = "", *configs: str) -> None:
    """Write what is asked for into the file `result`: the fields, or the problems of configs."""
    if what == "fields":
        found: dict[str, Any] = fields()
    else:
        assumed = int(gpus) if gpus else None
        found = {"problems": [problems(Path(config), assumed) for config in configs]}
    Path(result).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
