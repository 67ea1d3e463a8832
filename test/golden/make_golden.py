"""Regenerates every golden value of this folder from PyTorch and transformers.

Development only: the product and its tests read the committed files and run without Python.

    python -m venv venv
    venv/bin/pip install torch==2.13.0 transformers==5.23.0
    venv/bin/python test/golden/make_golden.py

All random values are seeded. Other versions of torch may differ in the last bits, which the tests' tolerances cover;
README.md tells the formats.
"""

import json
from pathlib import Path

import torch
from transformers.utils import logging

from reference.architectures import make_architectures
from reference.arithmetic import ROPE_CASES, make_merged, make_rope, make_rounding, make_top_k
from reference.curves import make_curves
from reference.methods import make_methods
from reference.encoders import make_encoders
from reference.pairs import make_pairs
from reference.tokens import make_tokens

FOLDER = Path(__file__).resolve().parent
SAMPLE = FOLDER.parent.parent / "media" / "sample"


def main() -> None:
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    make_architectures(FOLDER / "architectures")
    make_curves(FOLDER / "curves", FOLDER / "architectures" / "llama")
    make_encoders(FOLDER / "encoders")
    make_pairs(FOLDER / "tokenizers", FOLDER / "encoders" / "bert")
    make_methods(FOLDER / "methods", FOLDER / "architectures", FOLDER / "curves" / "batches.safetensors")
    make_top_k(FOLDER / "topk.safetensors")
    make_merged(FOLDER / "merged.safetensors")
    make_rounding(FOLDER / "rounding.safetensors")
    make_rope(FOLDER)
    (FOLDER / "rope.json").write_text(json.dumps(ROPE_CASES, indent=2) + "\n")
    make_tokens(FOLDER / "tokens.json", SAMPLE / "checkpoint" / "tokenizer.json", SAMPLE / "evaluation.jsonl")


if __name__ == "__main__":
    main()
