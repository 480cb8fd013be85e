"""What trackers are told of a run, and what they are not."""

import pytest

from doitkit.train.tracking import entry_of
from doitkit.train.tracking.secrets import is_secret, without_secrets
from tests.train.tracking.made import made_run


def test_a_run_is_tags_params_metrics_and_curves() -> None:
    entry = entry_of(made_run())
    assert entry.name == "mixed, seed 1"
    assert entry.tags == {
        "run_id": entry.run_id,
        "dataset_id": "d" * 32,
        "recipe_hash": "a" * 32,
        "config_hash": "c" * 32,
    }
    assert entry.params["method"] == "full"
    assert entry.params["version/torch"] == "2.13.0"
    assert entry.metrics["tokens_seen/sums"] == 500
    assert entry.metrics["rows/sums/synthetic"] == 2
    assert entry.metrics["wall_s"] == 12.5
    assert entry.metrics["gpu_hours"] == 0.5
    assert entry.metrics["cost"] == 1.25
    assert entry.metrics["final/train_loss"] == 1.5
    assert entry.metrics["final/bits_per_byte"] == 2.5
    assert list(entry.steps()) == [
        (10, {"train_loss": 2.0, "bits_per_byte": 3.0}),
        (20, {"train_loss": 1.5}),
        (30, {"train_loss": 1.0, "bits_per_byte": 2.5}),
    ]
    assert not set(entry.params) & set(entry.metrics)


def test_what_is_not_known_is_not_told() -> None:
    entry = entry_of(made_run(train_loss=None, cost=None, losses=(), measured=(), kept_step=0))
    assert not {"train_loss", "final/train_loss", "cost", "bits_per_byte"} & set(entry.metrics)
    assert list(entry.steps()) == []


def test_no_key_no_password_and_no_home_folder_goes_out() -> None:
    run = made_run(base_model="https://me:pass@host/model?api_key=abc&x=1")
    entry = entry_of(run)
    told = repr(entry)
    for hidden in ("pass", "abc", "/home/somebody"):
        assert hidden not in told
    assert entry.params["base_model"] == "https://host/model?api_key=...&x=1"


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("settings/options/hub_token", True),
        ("settings/options/WANDB_API_KEY", True),
        ("settings/options/password", True),
        ("settings/options/tokenizer", False),
        ("settings/max_length", False),
        ("settings/options/keyboard", False),
    ],
)
def test_settings_whose_names_speak_of_secrets(name: str, secret: bool) -> None:
    assert is_secret(name) is secret


def test_an_address_is_shown_without_its_key() -> None:
    assert (
        without_secrets("http://u:p@h:5000/x?write_token=s3") == "http://h:5000/x?write_token=..."
    )
