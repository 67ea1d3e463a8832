"""Compares what our CLI says of a checkpoint folder with transformers: token ids, logits and greedy text.

Development only. REPORT is a JSON file {"prompts": [...], "tokens": [[...]], "logits": "x.safetensors",
"greedy": [[...]]}: for prompt i the token ids, in the safetensors file (beside REPORT) an F32 tensor "i" of shape
[tokens, vocabulary], and the greedily generated ids. `tokens` and `greedy` may be left out.

    python test/golden/check_merged.py FOLDER REPORT [--tolerance 1e-3]

Ends with 1 where a difference is larger, after printing one line for each prompt.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("report", type=Path)
    parser.add_argument("--tolerance", type=float, default=1e-3)
    options = parser.parse_args()

    torch.set_num_threads(1)
    report = json.loads(options.report.read_text())
    logits = load_file(options.report.parent / report["logits"])
    tokenizer = AutoTokenizer.from_pretrained(options.folder)
    model = AutoModelForCausalLM.from_pretrained(options.folder, dtype=torch.float32, attn_implementation="eager").eval()

    is_equal = True
    for i, prompt in enumerate(report["prompts"]):
        tokens = tokenizer(prompt)["input_ids"]
        ours = report["tokens"][i] if "tokens" in report else tokens
        has_same_tokens = ours == tokens
        inputs = torch.tensor([ours])
        difference = float((model(inputs).logits[0] - logits[str(i)]).abs().max())
        has_same_text = "greedy" not in report or greedy(model, inputs, len(report["greedy"][i])) == report["greedy"][i]
        print(f"{i}: tokens {has_same_tokens}, largest logit difference {difference:.2e}, greedy {has_same_text}")
        is_equal &= has_same_tokens and has_same_text and difference <= options.tolerance
    sys.exit(0 if is_equal else 1)


def greedy(model, inputs: torch.Tensor, count: int) -> list[int]:
    if count == 0:
        return []
    options = dict(max_new_tokens=count, do_sample=False, attention_mask=torch.ones_like(inputs))
    return model.generate(inputs, **options)[0, inputs.shape[1] :].tolist()


if __name__ == "__main__":
    main()
