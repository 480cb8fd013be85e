"""Near-duplicates by datatrove 0.10: 5-grams of words, 16 buckets of 8, two workers.

python -m venv ENV && ENV/bin/pip install 'datatrove[io,processing]==0.10.1' orjson spacy
ENV/bin/python tests/benchmarks/rivals/by_hand/with_datatrove.py TEXTS OUT
"""

import sys
import time

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.hashing import HashConfig

WORKERS = 2


def main() -> None:
    """Run the four stages one after the other."""
    texts, out = sys.argv[1:]
    config = MinhashConfig(
        n_grams=5,
        num_buckets=16,
        hashes_per_bucket=8,
        hash_config=HashConfig(hash_fc="xxhash", precision=64),
    )
    begun = time.perf_counter()
    stages = [
        (WORKERS, [JsonlReader(texts), MinhashDedupSignature(f"{out}/signatures", config)]),
        (
            config.num_buckets,
            [MinhashDedupBuckets(f"{out}/signatures", f"{out}/buckets", config=config)],
        ),
        (1, [MinhashDedupCluster(f"{out}/buckets", f"{out}/remove", config=config)]),
        (
            WORKERS,
            [
                JsonlReader(texts),
                MinhashDedupFilter(f"{out}/remove"),
                JsonlWriter(f"{out}/kept", compression=None),
            ],
        ),
    ]
    for number, (tasks, pipeline) in enumerate(stages):
        LocalPipelineExecutor(
            pipeline, tasks=tasks, workers=WORKERS, logging_dir=f"{out}/logs/{number}"
        ).run()
    print(f"seconds: {time.perf_counter() - begun:.1f}")


if __name__ == "__main__":
    main()
