"""Hundred steps of the official algorithm with AdamW, linear warm-up and decay, and gradient clipping."""

import json
from pathlib import Path

import torch
from transformers import get_linear_schedule_with_warmup

from .architectures import VOCABULARY, load_float32
from .files import save_golden
from .neuroada import attach, mean_label_loss

STEPS = 100
WARMUP_STEPS = 10
BATCHES = 10
LEARNING_RATE = 1e-2
K = 2
CURVES = {
    "plain": dict(weight_decay=0.0, max_grad_norm=1.0),
    "decay": dict(weight_decay=0.1, max_grad_norm=0.6),
}


def make_curves(folder: Path, checkpoint: Path) -> None:
    torch.manual_seed(7)
    input_ids = torch.randint(3, VOCABULARY, (BATCHES, 4, 16))
    labels = input_ids.masked_fill(torch.arange(16) < 5, -100)
    save_golden(folder / "batches.safetensors", {"input_ids": input_ids, "labels": labels})
    for name, setting in CURVES.items():
        golden = curve(load_float32(checkpoint), input_ids, labels, **setting)
        assert_stable(golden["losses"], checkpoint, input_ids, labels, setting)
        save_golden(folder / f"{name}.safetensors", golden)
    shared = dict(steps=STEPS, warmup_steps=WARMUP_STEPS, learning_rate=LEARNING_RATE, k=K)
    shared |= dict(beta1=0.9, beta2=0.999, epsilon=1e-8, curves=CURVES)
    (folder / "curves.json").write_text(json.dumps(shared, indent=2) + "\n")


def curve(model, input_ids, labels, weight_decay: float, max_grad_norm: float) -> dict[str, torch.Tensor]:
    wrapped = attach(model, K)
    parameters = [linear.deltas for linear in wrapped.values()]
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=weight_decay)
    schedule = get_linear_schedule_with_warmup(optimizer, WARMUP_STEPS, STEPS)
    losses, rates, norms = [], [], []
    for step in range(STEPS):
        loss = mean_label_loss(model(input_ids[step % BATCHES]).logits, labels[step % BATCHES])
        optimizer.zero_grad()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, max_grad_norm).item())
        losses.append(loss.item())
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    golden = {"losses": torch.tensor(losses, dtype=torch.float64)}
    golden["learning_rates"] = torch.tensor(rates, dtype=torch.float64)
    golden["grad_norms"] = torch.tensor(norms, dtype=torch.float64)
    for name, linear in wrapped.items():
        golden[f"{name}.indices"] = linear.columns
        golden[f"{name}.deltas"] = linear.deltas
    return golden


def assert_stable(losses, checkpoint, input_ids, labels, setting) -> None:
    """The curve must not hang on rounding: double precision has to give it as well."""
    exact = curve(load_float32(checkpoint).double(), input_ids, labels, **setting)["losses"]
    difference = float(((losses - exact) / exact).abs().max())
    print(f"{setting}: loss {losses[0]:.4f} -> {losses[-1]:.4f}, against double {difference:.1e}")
    assert difference < 2e-5, "the curve depends on rounding"
