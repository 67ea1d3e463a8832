"""Fine-tunes the sample with the official NeuroAda algorithm in PyTorch and prints held-out accuracy before and after.

    venv/bin/python media/sample/recipe/verify.py [--k 1] [--learning-rate 2e-2] [--epochs 6]
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, get_linear_schedule_with_warmup
from tokenizers import Tokenizer

SAMPLE = Path(__file__).resolve().parent.parent
sys.path.append(str(SAMPLE.parent.parent / "test" / "golden"))

from reference.neuroada import attach, mean_label_loss  # noqa: E402
from tokenizer import END  # noqa: E402


def read(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (SAMPLE / f"{name}.jsonl").read_text().splitlines()]


def encode(tokenizer: Tokenizer, example: dict[str, str], end: int) -> tuple[list[int], list[int]]:
    return tokenizer.encode(example["prompt"]).ids, tokenizer.encode(example["completion"]).ids + [end]


@torch.no_grad()
def answer(model, prompt: list[int], end: int, limit: int) -> list[int]:
    """Greedy tokens until the end token (not included) or the limit."""
    tokens: list[int] = []
    for _ in range(limit):
        token = int(model(torch.tensor([prompt + tokens])).logits[0, -1].argmax())
        if token == end:
            return tokens
        tokens.append(token)
    return tokens


def accuracy(model, tokenizer: Tokenizer, end: int, show: int) -> float:
    correct = 0
    wrong = []
    for example in read("evaluation"):
        prompt, _ = encode(tokenizer, example, end)
        text = tokenizer.decode(answer(model, prompt, end, 8))
        if text.strip() == example["completion"].strip():
            correct += 1
        else:
            wrong.append(f"  {example['prompt']!r} -> {text!r}, not {example['completion']!r}")
    print("\n".join(wrong[:show]))
    return correct / len(read("evaluation"))


def batch(rows: list[tuple[list[int], list[int]]], end: int) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(len(prompt) + len(completion) for prompt, completion in rows)
    inputs = [[*p, *c, *([end] * (width - len(p) - len(c)))] for p, c in rows]
    labels = [[*([-100] * len(p)), *c, *([-100] * (width - len(p) - len(c)))] for p, c in rows]
    return torch.tensor(inputs), torch.tensor(labels)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--k", type=int, default=1)
    parser.add_argument("--learning-rate", type=float, default=2e-2)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--folder", type=Path, default=SAMPLE / "checkpoint")
    parser.add_argument("--skip-before", action="store_true")
    options = parser.parse_args()

    torch.set_num_threads(1)
    tokenizer = Tokenizer.from_file(str(options.folder / "tokenizer.json"))
    end = tokenizer.token_to_id(END)
    model = AutoModelForCausalLM.from_pretrained(options.folder, dtype=torch.float32).eval()
    total = sum(p.numel() for p in model.parameters())
    if not options.skip_before:
        print(f"accuracy before {accuracy(model, tokenizer, end, 3):.3f}")

    deltas = [linear.deltas for linear in attach(model, options.k).values()]
    trainable = sum(p.numel() for p in deltas)
    rows = [encode(tokenizer, example, end) for example in read("train")]
    steps = options.epochs * (len(rows) // options.batch_size)
    optimizer = torch.optim.AdamW(deltas, lr=options.learning_rate, weight_decay=0)
    schedule = get_linear_schedule_with_warmup(optimizer, round(0.06 * steps), steps)
    rng = random.Random(options.seed)
    started = time.time()
    for step in range(steps):
        at = step % (len(rows) // options.batch_size) * options.batch_size
        if at == 0:
            rng.shuffle(rows)
        inputs, labels = batch(rows[at : at + options.batch_size], end)
        loss = mean_label_loss(model(inputs).logits, labels)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(deltas, 1.0)
        optimizer.step()
        schedule.step()
    print(f"{trainable} of {total} parameters trained ({trainable / total:.2%}), {steps} steps, {time.time() - started:.0f} s")
    print(f"loss {loss.item():.4f}, accuracy after {accuracy(model, tokenizer, end, 30):.3f}")


if __name__ == "__main__":
    main()
