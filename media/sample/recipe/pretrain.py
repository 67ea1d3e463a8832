"""Pre-trains the sample checkpoint on the corpus: a LLaMA of one million parameters, minutes on one CPU core.

    python -m venv venv
    venv/bin/pip install torch==2.13.0 transformers==5.23.0
    venv/bin/python media/sample/recipe/pretrain.py [--steps N] [--folder DIR]
"""

import argparse
import random
import time
from pathlib import Path

import torch
from torch.nn import functional
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, get_cosine_schedule_with_warmup, set_seed

from corpus import corpus
from tokenizer import END, PADDING, save_tokenizer, train_tokenizer

SEED = 5
DOCUMENTS = 60_000
VOCABULARY = 1024
MAX_LENGTH = 256
BATCH_SIZE = 48
LEARNING_RATE = 3e-3
SIGNIFICANT_BITS = 6


def build_model(vocabulary: int, end: int, padding: int) -> LlamaForCausalLM:
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=128,
            intermediate_size=320,
            num_hidden_layers=5,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=MAX_LENGTH,
            tie_word_embeddings=True,
            rms_norm_eps=1e-5,
            bos_token_id=None,
            eos_token_id=end,
            pad_token_id=padding,
        )
    )


def batches(rows: list[list[int]], end: int, rng: random.Random):
    """Endless batches [inputs, labels] of documents of like length; -100 marks padding."""
    while True:
        shuffled = sorted(rng.sample(rows, len(rows)), key=lambda row: len(row) // 8)
        groups = [shuffled[i : i + BATCH_SIZE] for i in range(0, len(shuffled), BATCH_SIZE)]
        for group in rng.sample(groups, len(groups)):
            width = max(map(len, group))
            inputs = torch.tensor([row + [end] * (width - len(row)) for row in group])
            labels = torch.tensor([row + [-100] * (width - len(row)) for row in group])
            yield inputs, labels


def train(model: LlamaForCausalLM, rows: list[list[int]], end: int, steps: int) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.95), weight_decay=0.1)
    schedule = get_cosine_schedule_with_warmup(optimizer, steps // 20, steps)
    started = time.time()
    for step, (inputs, labels) in zip(range(1, steps + 1), batches(rows, end, random.Random(SEED))):
        logits = model(inputs).logits
        loss = functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            print(f"step {step}, loss {loss.item():.4f}, {time.time() - started:.0f} s", flush=True)


def round_weights(model: LlamaForCausalLM, bits: int) -> None:
    """Rounds every weight to `bits` significant bits, half to even: they stay F32, and the file packs to 40 %."""
    with torch.no_grad():
        for parameter in model.parameters():
            mantissa, exponent = torch.frexp(parameter)
            parameter.copy_(torch.ldexp(torch.round(mantissa * 2**bits) / 2**bits, exponent))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=2200)
    parser.add_argument("--folder", type=Path, default=Path(__file__).resolve().parent.parent / "checkpoint")
    options = parser.parse_args()

    torch.set_num_threads(1)
    set_seed(SEED)
    documents = corpus(DOCUMENTS, SEED)
    tokenizer = train_tokenizer(documents, VOCABULARY)
    end, padding = (tokenizer.token_to_id(token) for token in (END, PADDING))
    rows = [encoding.ids + [end] for encoding in tokenizer.encode_batch(documents)]
    model = build_model(tokenizer.get_vocab_size(), end, padding)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {sum(map(len, rows)):,} tokens", flush=True)
    train(model, rows, end, options.steps)
    round_weights(model, SIGNIFICANT_BITS)

    model.generation_config = GenerationConfig(eos_token_id=end, pad_token_id=padding, max_new_tokens=64)
    model.save_pretrained(options.folder)
    save_tokenizer(tokenizer, options.folder, MAX_LENGTH)


if __name__ == "__main__":
    main()
