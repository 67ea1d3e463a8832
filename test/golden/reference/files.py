"""Writes golden tensors: little-endian safetensors, integers as I32 so that every reader can take them."""

from pathlib import Path

import torch
from safetensors.torch import save_file


def save_golden(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    narrowed = {name: t.int() if t.dtype == torch.int64 else t for name, t in tensors.items()}
    save_file({name: t.detach().contiguous().clone() for name, t in narrowed.items()}, path)
