"""A small real set gives the very bytes that it gave where this test was written."""

from pathlib import Path

from doitkit.build import build
from doitkit.core.hashing import digest_files
from doitkit.core.workspace import Workspace
from doitkit.recipe import load_recipe

RECIPE = """\
doitkit: 1
name: code
seed: 3
data_root: {data}
sources:
  mbpp:
    path: mbpp/mbpp.jsonl.gz
    format: prompt_completion
    columns: {{prompt: text, completion: code}}
    where: task_id > 510
    origin: human
  gpteacher:
    path: gpteacher/codegen-instruct.json.gz
    format: alpaca
    columns: {{output: response}}
    origin: synthetic
    stratify: {{by: "CASE WHEN LENGTH(response) > 200 THEN 'long' ELSE 'short' END"}}
abilities:
  code:
    sources: [mbpp, gpteacher]
    evaluate:
      path: mbpp/mbpp.jsonl.gz
      format: prompt_completion
      columns: {{prompt: text, completion: code}}
      where: task_id between 11 and 510
      metric: bits_per_byte
curate:
  near: {{similarity: 0.8, ngram: 5, unit: word}}
  filters:
    length: {{answer_chars: {{min: 10, max: 8000}}}}
    refusals: {{}}
    repetition: {{}}
    personal: {{then: mask}}
"""
DIGEST = "069417fbe1c7880ecc389851e449c82d"


def test_the_bytes_are_those_of_another_machine(tmp_path: Path, data_folder: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(RECIPE.format(data=data_folder / "instructions"))
    dataset = build(load_recipe(tmp_path / "recipe.yaml"), Workspace(tmp_path / "ws"))
    # Not the manifest, which names versions, nor what a parquet file says of its writer.
    files = sorted(dataset.folder.glob("*/*.arrow"))
    assert len(files) == 2
    assert digest_files(files) == DIGEST
