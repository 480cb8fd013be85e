"""Write the rows of a corpus as one text each, which is what the tools to compare with take.

python tests/benchmarks/rivals/by_hand/texts.py IN.jsonl FOLDER PARTS
"""

import json
import sys
from pathlib import Path

if __name__ == "__main__":
    source, folder, parts = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True)
    with source.open(encoding="utf-8") as rows:
        lines = list(rows)
    size = -(-len(lines) // parts)
    for part in range(parts):
        with (folder / f"{part:02}.jsonl").open("w", encoding="utf-8") as out:
            for number in range(part * size, min((part + 1) * size, len(lines))):
                row = json.loads(lines[number])
                text = f"{row['instruction']}\n{row['input']}\n{row['output']}"
                out.write(json.dumps({"id": str(number), "text": text}) + "\n")
