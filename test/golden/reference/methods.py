"""Fifty steps of every method that NeuroAda is compared with, written out in plain PyTorch."""

import json
import math
from pathlib import Path

import torch
from torch import nn
from transformers import get_linear_schedule_with_warmup

from .architectures import load_float32
from .files import save_golden
from .neuroada import TARGET_MODULES, mean_label_loss, top_k_columns

STEPS = 50
WARMUP_STEPS = 5
BATCHES = 10
K = 2
RANK = 2
ALPHA = 3.0
MAX_GRAD_NORM = 1.0
METHODS = {
    "full": dict(checkpoint="llama", learning_rate=2e-3, weight_decay=0.1),
    "masked": dict(checkpoint="llama", learning_rate=1e-2, weight_decay=0.0),
    "bitfit": dict(checkpoint="llama-bias", learning_rate=1e-2, weight_decay=0.0),
    "superTuning": dict(checkpoint="llama", learning_rate=1e-2, weight_decay=0.0),
    "shira": dict(checkpoint="llama", learning_rate=1e-2, weight_decay=0.0),
    "lora": dict(checkpoint="llama", learning_rate=1e-2, weight_decay=0.0),
}


class EntryLinear(nn.Module):
    """A frozen linear layer with trainable deltas at flat positions of its matrix."""

    def __init__(self, base: nn.Linear, positions: torch.Tensor):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.register_buffer("positions", positions)
        self.deltas = nn.Parameter(torch.zeros(len(positions), dtype=base.weight.dtype))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        change = torch.zeros(self.base.weight.numel(), dtype=x.dtype).scatter_add(0, self.positions, self.deltas)
        return nn.functional.linear(x, self.base.weight + change.view_as(self.base.weight), self.base.bias)


class LoraLinear(nn.Module):
    """W x + alpha / r B A x (Hu et al. 2021), A and B as PEFT begins with them."""

    def __init__(self, base: nn.Linear):
        super().__init__()
        self.base = base.requires_grad_(False)
        a = torch.empty(RANK, base.in_features)
        nn.init.kaiming_uniform_(a, a=math.sqrt(5))
        self.start = a.clone()
        self.a = nn.Parameter(a.to(base.weight.dtype))
        self.b = nn.Parameter(torch.zeros(base.out_features, RANK, dtype=base.weight.dtype))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.base(x) + ALPHA / RANK * (x @ self.a.T @ self.b.T)


def make_methods(folder: Path, architectures: Path, batches: Path) -> None:
    from safetensors.torch import load_file

    data = load_file(batches)
    input_ids, labels = data["input_ids"].long(), data["labels"].long()
    for name, setting in METHODS.items():
        def run(double: bool):
            torch.manual_seed(11)
            model = load_float32(architectures / setting["checkpoint"])
            return curve(name, model.double() if double else model, input_ids, labels, **setting)
        golden, exact = run(False), run(True)
        difference = float(((golden["losses"] - exact["losses"]) / exact["losses"]).abs().max())
        print(f"{name}: loss {golden['losses'][0]:.4f} -> {golden['losses'][-1]:.4f}, against double {difference:.1e}")
        assert difference < 2e-5, "the curve depends on rounding"
        save_golden(folder / f"{name}.safetensors", golden)
    shared = dict(steps=STEPS, warmup_steps=WARMUP_STEPS, max_grad_norm=MAX_GRAD_NORM, k=K, rank=RANK, alpha=ALPHA)
    shared |= dict(beta1=0.9, beta2=0.999, epsilon=1e-8, methods=METHODS)
    (folder / "methods.json").write_text(json.dumps(shared, indent=2) + "\n")


def curve(method: str, model, input_ids, labels, checkpoint: str, learning_rate: float, weight_decay: float):
    parameters, masks, stored = prepare(method, model)
    optimizer = torch.optim.AdamW(parameters, lr=learning_rate, weight_decay=weight_decay)
    schedule = get_linear_schedule_with_warmup(optimizer, WARMUP_STEPS, STEPS)
    losses, norms = [], []
    for step in range(STEPS):
        loss = mean_label_loss(model(input_ids[step % BATCHES]).logits, labels[step % BATCHES])
        optimizer.zero_grad()
        loss.backward()
        for parameter, mask in masks:
            parameter.grad.mul_(mask)
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, MAX_GRAD_NORM).item())
        losses.append(loss.item())
        optimizer.step()
        schedule.step()
    golden = {"losses": torch.tensor(losses, dtype=torch.float64)}
    golden["grad_norms"] = torch.tensor(norms, dtype=torch.float64)
    return golden | stored


def prepare(method: str, model):
    """Trainable parameters, masks of gradients, and what the other side needs to train the same."""
    model.requires_grad_(False)
    parameters, masks, stored = [], [], {}
    for name, module in list(model.named_modules()):
        if not (isinstance(module, nn.Linear) and name.rsplit(".", 1)[-1] in TARGET_MODULES):
            continue
        parent, _, leaf = name.rpartition(".")
        count = module.out_features * min(K, module.in_features)
        if method in ("full", "masked"):
            parameters.append(module.weight.requires_grad_(True))
        if method == "masked":
            columns = top_k_columns(module.weight, K)
            masks.append((module.weight, torch.zeros_like(module.weight).scatter(1, columns, 1.0)))
            stored[f"{name}.indices"] = columns
        if method == "bitfit" and module.bias is not None:
            parameters.append(module.bias.requires_grad_(True))
        if method in ("superTuning", "shira"):
            magnitudes = module.weight.detach().abs().flatten()
            scores = magnitudes if method == "superTuning" else torch.rand(magnitudes.shape)
            replaced = EntryLinear(module, torch.topk(scores, count).indices.sort().values)
            stored[f"{name}.positions"] = replaced.positions
            parameters.append(replaced.deltas)
            setattr(model.get_submodule(parent), leaf, replaced)
        if method == "lora":
            replaced = LoraLinear(module)
            stored[f"{name}.a"] = replaced.start
            parameters += [replaced.a, replaced.b]
            setattr(model.get_submodule(parent), leaf, replaced)
    return parameters, masks, stored
