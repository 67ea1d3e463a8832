"""The official NeuroAda algorithm in PyTorch: top-k per row, zero deltas, W + zeros.scatter_add(delta) in the forward pass."""

import torch
from torch import nn

TARGET_MODULES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def top_k_columns(weight: torch.Tensor, k: int) -> torch.Tensor:
    """Columns [rows, k] of the k entries of largest |W| of each row, ascending within the row."""
    columns = torch.topk(weight.detach().abs(), min(k, weight.shape[1]), dim=1).indices
    return columns.sort(dim=1).values


class NeuroAdaLinear(nn.Module):
    """A frozen linear layer whose selected connections carry trainable deltas."""

    def __init__(self, base: nn.Linear, k: int):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.register_buffer("columns", top_k_columns(base.weight, k))
        self.deltas = nn.Parameter(torch.zeros(self.columns.shape, dtype=base.weight.dtype))

    def effective_weight(self) -> torch.Tensor:
        return self.base.weight + torch.zeros_like(self.base.weight).scatter_add(1, self.columns, self.deltas)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.linear(x, self.effective_weight(), self.base.bias)


def attach(model: nn.Module, k: int) -> dict[str, NeuroAdaLinear]:
    """Freezes the model, wraps its target modules and returns the wrappers by module name."""
    model.requires_grad_(False)
    wrapped = {}
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.Linear) and name.rsplit(".", 1)[-1] in TARGET_MODULES:
            wrapped[name] = NeuroAdaLinear(module, k)
            parent, _, leaf = name.rpartition(".")
            setattr(model.get_submodule(parent), leaf, wrapped[name])
    return wrapped


def mean_label_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy over the labelled tokens; labels[t] is predicted from position t - 1, -100 counts nothing."""
    return nn.functional.cross_entropy(
        logits[:, :-1].reshape(-1, logits.shape[-1]), labels[:, 1:].reshape(-1), ignore_index=-100
    )
