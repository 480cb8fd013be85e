"""The metadata of a dataset as Croissant 1.0 [1]_, which search engines and libraries read.

References
----------
.. [1] Akhtar et al., "Croissant: A Metadata Format for ML-Ready Datasets", DEEM 2024; the
   specification is at https://docs.mlcommons.org/croissant/docs/croissant-spec.html.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from doitkit.build.card.header import items_of, licenses_of, rows_of
from doitkit.build.card.licenses import OTHER, license_address
from doitkit.build.layout import EVALUATION_FOLDER, TRAIN_FOLDER, Layout
from doitkit.core.tables import EVALUATION, POOL
from doitkit.recipe.model import Recipe

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the specification prescribes."""

_SPLITS = {TRAIN_FOLDER: POOL, EVALUATION_FOLDER: EVALUATION}
_MEANINGS = {
    "id": "Hash of the messages: equal text, equal id.",
    "ability": "What the row teaches, or the item asks for.",
    "origin": "Where the answer came from: human, synthetic or programmatic.",
    "source": "The source of the recipe that the row comes from.",
    "generator": "The model that wrote a synthetic answer, if it is known.",
    "messages": "The chat, whose last message is the answer.",
    "prompt_id": "Hash of the messages before the answer, blind to case and white space.",
    "license": "The licence of the source, as the recipe states it.",
    "meta": "JSON: the line of the row in its file.",
    "position": "The place of the row in the nested order of its ability and origin.",
    "task": "The ability that the item scores.",
    "choices": "The answers to choose from, where there are any.",
    "answer": "The right answer.",
    "metric": "How the item is scored.",
}


def croissant(
    recipe: Recipe,
    manifest: Mapping[str, Any],
    languages: Sequence[str],
    layout: Layout,
    folder: Path,
) -> dict[str, Any]:
    """Return the JSON-LD of a dataset.

    Parameters
    ----------
    languages
        ISO 639-1 codes, as far as they are known.
    folder
        Where the files of both splits lie; their hashes stand in the result.
    """
    splits = [split for split in _SPLITS if split == TRAIN_FOLDER or items_of(manifest)]
    licenses = licenses_of(recipe, manifest)
    stated = [name for name in licenses.ids if name != OTHER] + list(licenses.names)
    said = recipe.description or f"Instruction data of the recipe {recipe.name}."
    value = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": recipe.name,
        "description": f"{said} {rows_of(manifest):,} training rows, {items_of(manifest):,} "
        f"evaluation items, built by doitkit {manifest['versions']['doitkit']}.",
        "version": "1.0.0",
        "license": [license_address(name) for name in stated],
        "keywords": ["doitkit", "instruction tuning", *recipe.abilities],
        "distribution": [part for split in splits for part in _distribution(split, layout, folder)],
        "recordSet": [_record_set(split) for split in splits],
    }
    return {**value, "inLanguage": list(languages)} if languages else value


def _distribution(split: str, layout: Layout, folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.glob(layout.files_of(split)))
    whole = {
        "@type": "cr:FileSet",
        "@id": f"{split}-files",
        "name": f"{split}-files",
        "description": f"All files of {split}.",
        "encodingFormat": layout.media_type,
        "includes": layout.files_of(split),
    }
    return [whole, *(_file(file, folder, layout) for file in files)]


def _file(file: Path, folder: Path, layout: Layout) -> dict[str, Any]:
    name = file.relative_to(folder).as_posix()
    with file.open("rb") as stream:
        checksum = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{file.stat().st_size} B",
        "encodingFormat": layout.media_type,
        "sha256": checksum,
    }


def _record_set(split: str) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": split,
        "name": split,
        "key": {"@id": f"{split}/id"},
        "field": [_field(split, field) for field in _SPLITS[split]],
    }


def _field(split: str, field: pa.Field) -> dict[str, Any]:
    identity = f"{split}/{field.name}"
    value: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": identity,
        "name": identity,
        "description": _MEANINGS[field.name],
    }
    inner = field.type
    if pa.types.is_list(inner):
        value["repeated"] = True
        inner = inner.value_type
    if pa.types.is_struct(inner):
        parts = [(part.name, _text_in(split, field.name, part.name)) for part in inner]
        value["subField"] = [
            {
                "@type": "cr:Field",
                "@id": f"{identity}/{name}",
                "name": f"{identity}/{name}",
                "dataType": "sc:Text",
                "source": source,
            }
            for name, source in parts
        ]
        return value
    value["dataType"] = "sc:Integer" if pa.types.is_integer(inner) else "sc:Text"
    value["source"] = _column(split, field.name)
    return value


def _column(split: str, name: str) -> dict[str, Any]:
    return {"fileSet": {"@id": f"{split}-files"}, "extract": {"column": name}}


def _text_in(split: str, name: str, part: str) -> dict[str, Any]:
    return {**_column(split, name), "transform": {"jsonPath": part}}
