"""Loading a base model, and choosing the number format that is fastest here."""

import time
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from doitkit.core.errors import MissingExtraError, ModelError, UsageError
from doitkit.core.files import read_json, write_json
from doitkit.core.hashing import digest
from doitkit.core.models import completed_tokenizer, loading
from doitkit.recipe.training import Training
from doitkit.train.embedded.packing import require_separation

_PROBE_ROWS, _PROBE_TOKENS, _PROBE_STEPS = 4, 32, 5
_CLEARLY = 0.8
"""Share of float32's time that bfloat16 may take, to be worth its rounding."""


def require_torch() -> None:
    """Raise unless the training extra is installed."""
    try:
        import peft  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("the embedded backend cannot train", extra="train") from error


def hush() -> None:
    """Keep what transformers prints while it loads a model off our screen."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def device_of(training: Training) -> str:
    """Return the device that `training` asks for, `auto` decided.

    Raises
    ------
    UsageError
        If there is no such device.
    """
    import torch

    found = torch.cuda.is_available()
    if training.device == "auto":
        return "cuda" if found else "cpu"
    if training.device == "cuda" and not found:
        raise UsageError(
            "a GPU is asked for that is not there",
            where="train.device: cuda",
            why="torch sees no GPU",
            next_step="say `device: auto` or `cpu`, or install a torch with CUDA",
        )
    return training.device


def require_method(training: Training) -> None:
    """Raise unless this backend can train by this method here, in one process on one device.

    Raises
    ------
    UsageError, MissingExtraError
        It says what to do instead.
    """
    if training.method == "qlora":
        if device_of(training) != "cuda":
            raise UsageError(
                "qlora takes a GPU",
                where="train.method: qlora",
                why="weights in 4 bits are computed with on GPUs only, and torch sees none",
                next_step="say `method: lora`, or train on a machine with a GPU",
            )
        if find_spec("bitsandbytes") is None:
            raise MissingExtraError("weights in 4 bits need bitsandbytes", extra="qlora")
    if training.options:
        raise UsageError(
            "the embedded backend has no options of its own",
            where=f"train.options.{next(iter(training.options))}",
            next_step="remove `options`, or name the backend they are of",
        )
    if training.handover != "tokens":
        raise UsageError(
            "the embedded backend trains on our tokens",
            where="train.handover: messages",
            next_step="remove `handover`, or name the backend that is to make tokens itself",
        )
    launch = training.launch
    several = launch.nodes > 1 or launch.gpus > 1 or launch.rendezvous is not None
    if several or launch.processes != "python":
        raise UsageError(
            "the embedded backend trains a run in one process, on one device",
            where="train.launch",
            why="several GPUs are for several runs at the same time",
            next_step="remove `processes`, `nodes` and `gpus`, or say `backend: axolotl`",
        )


def load_tokenizer(base_path: str) -> Any:
    """Return the tokenizer of a model folder or hub id, always with a chat template and a pad.

    Raises
    ------
    ModelError
        If there is no usable tokenizer, or it cannot tell offsets.
    """
    from transformers import AutoTokenizer

    with loading(base_path):
        tokenizer: Any = AutoTokenizer.from_pretrained(base_path)
    if not tokenizer.is_fast:
        raise ModelError(
            "the tokenizer cannot tell where its tokens stand in the text",
            where=base_path,
            why="it has no tokenizer.json, so the assistant's turns cannot be marked",
            next_step="convert it to a fast tokenizer",
        )
    return completed_tokenizer(tokenizer)


def load_model(base_path: str, training: Training) -> Any:
    """Return the base model in the format in which it will be trained.

    With bfloat16, a full fine-tuning keeps float32 weights and computes in bfloat16, since
    small updates vanish in bfloat16 weights; LoRA keeps the frozen base in bfloat16 and its
    adapters in float32.
    """
    import torch
    from transformers import AutoModelForCausalLM

    hush()
    low = training.dtype == "bfloat16" and training.adapters
    settings: dict[str, Any] = {"dtype": torch.bfloat16 if low else torch.float32}
    if training.packing:
        # It takes masks by pairs as they are.
        settings["attn_implementation"] = "sdpa"
    if training.method == "qlora":
        settings["quantization_config"] = _four_bits(settings["dtype"])
    with loading(base_path):
        model: Any = AutoModelForCausalLM.from_pretrained(base_path, **settings)
    if training.packing:
        require_separation(model, training.max_length)
    return model


def _four_bits(dtype: Any) -> Any:
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


def with_adapters(model: Any, training: Training) -> Any:
    """Return the model with LoRA adapters, if the method has any."""
    if training.gradient_checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
        # Else no gradient reaches adapters through a frozen embedding.
        model.enable_input_require_grads()
    if not training.adapters:
        return model
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

    if training.method == "qlora":
        model = prepare_model_for_kbit_training(
            model, use_gradient_checkpointing=training.gradient_checkpointing
        )

    settings = training.lora
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=settings.r,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=settings.target_modules,
    )
    try:
        with warnings.catch_warnings():
            # peft 0.21 asks transformers 5.23 by a name that it calls deprecated.
            warnings.filterwarnings("ignore", message="`is_gradient_checkpointing`")
            return get_peft_model(model, config)
    except ValueError as error:
        raise UsageError(
            "the adapters do not fit the base model",
            where="train.lora.target_modules",
            why=str(error).splitlines()[0],
            next_step="use `target_modules: all-linear`",
        ) from error


def probed_dtype(training: Training, base_path: str, base_hash: str, cache: Path) -> str:
    """Return bfloat16 if it is clearly faster for this model, method and machine, else float32.

    The answer is kept in `cache`: a second command must not decide otherwise by noise.
    """
    import torch

    if device_of(training) != "cpu":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    key = digest(
        [base_hash, training.method, torch.__version__, torch.backends.cpu.get_cpu_capability()]
    )
    file = cache / f"dtype-{key}.json"
    if not file.is_file():
        seconds = {
            dtype: _seconds_per_step(training.model_copy(update={"dtype": dtype}), base_path)
            for dtype in ("float32", "bfloat16")
        }
        faster = seconds["bfloat16"] < _CLEARLY * seconds["float32"]
        write_json(file, {"dtype": "bfloat16" if faster else "float32", "seconds": seconds})
    return str(read_json(file)["dtype"])


def _seconds_per_step(training: Training, base_path: str) -> float:
    import torch

    model = with_adapters(load_model(base_path, training), training)
    ids = torch.randint(0, model.config.vocab_size, (_PROBE_ROWS, _PROBE_TOKENS))
    low = training.dtype == "bfloat16" and training.method == "full"
    best = float("inf")
    threads = torch.get_num_threads()
    # On a busy machine, several threads wait for one another and measure nothing else.
    torch.set_num_threads(1)
    for _ in range(_PROBE_STEPS):
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=low):
            loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        model.zero_grad()
        best = min(best, time.perf_counter() - start)
    torch.set_num_threads(threads)
    return best
