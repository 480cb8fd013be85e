"""Records of runs, made as training would make them, without training."""

from typing import Any

from doitkit.train import Run


def made_run(name: str = "mixed", seed: int = 1, **changes: Any) -> Run:
    """Return the record of a run; its id is made of its name and seed."""
    values: dict[str, Any] = {
        "run_id": f"{name}{seed}".encode().hex().ljust(32, "0")[:32],
        "name": name,
        "dataset_id": "d" * 32,
        "base_model": "models/base",
        "base_path": "/home/somebody/models/base",
        "base_hash": "b" * 32,
        "n_params": 1000,
        "method": "full",
        "seed": seed,
        "config_hash": "c" * 32,
        "train_loss": 1.5,
        "wall_s": 12.5,
        "device": "cpu",
        "dtype": "float32",
        "mixture": {"sums": {"human": 6, "synthetic": 2}, "words": {"human": 4}},
        "trained": {"sums": {"human": 5, "synthetic": 2}, "words": {"human": 4}},
        "recipe_hash": "a" * 32,
        "settings": {"learning_rate": 1e-3, "lora": {"r": 8}},
        "steps": 30,
        "epochs": 2.0,
        "tokens": 400,
        "trained_tokens": 120,
        "tokens_seen": {"sums": 500, "words": 300},
        "left_out": 1,
        "losses": ((10, 2.0), (20, 1.5), (30, 1.0)),
        "measured": ((10, 3.0), (30, 2.5)),
        "kept_step": 30,
        "rule": "the best",
        "ended": "all steps were taken",
        "micro_batch_size": 4,
        "gpus": 1,
        "gpu_hours": 0.5,
        "cost": 1.25,
        "versions": {"torch": "2.13.0"},
    }
    return Run(**(values | changes))
