"""Golden values of single operations: top-k selection, merging, rounding to 16 bits, rotary tables."""

from pathlib import Path

import torch
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from .files import save_golden
from .matrices import assert_tie_free, distinct_matrix
from .neuroada import top_k_columns

DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}


def make_top_k(path: Path) -> None:
    torch.manual_seed(11)
    golden = {}
    for name, dtype in DTYPES.items():
        weight = distinct_matrix(24, 45, dtype)
        assert_tie_free(weight)
        golden[f"{name}.weights"] = weight
        for k in (1, 3, 20):
            golden[f"{name}.k{k}"] = top_k_columns(weight, k)
    save_golden(path, golden)


def make_merged(path: Path) -> None:
    """Deltas from far below to far above the weights, halves of the last place, zeros, and sums past F16's range."""
    torch.manual_seed(12)
    golden = {}
    for name, dtype in DTYPES.items():
        weight = distinct_matrix(32, 40, dtype)
        weight[-1] = weight[-1] * 30000
        indices = top_k_columns(weight, 3)
        selected = weight.gather(1, indices).float()
        deltas = torch.randn(indices.shape) * 10.0 ** torch.randint(-9, 2, indices.shape)
        deltas[0] = 0
        last_place = torch.finfo(dtype).eps * 2.0 ** selected[1:5].abs().log2().floor()
        deltas[1:5] = last_place / 2 * torch.tensor([1.0, 3.0, -1.0])
        deltas[5] = -selected[5]
        deltas[-1] = weight[-1].gather(0, indices[-1]).float()
        full = torch.zeros(weight.shape).scatter_add(1, indices, deltas)
        merged = torch.where(full != 0, (weight.float() + full).to(dtype), weight)
        is_lost = (merged.gather(1, indices) == weight.gather(1, indices)) & (deltas != 0)
        golden |= {f"{name}.weights": weight, f"{name}.indices": indices, f"{name}.deltas": deltas}
        golden |= {f"{name}.merged": merged, f"{name}.lost": is_lost.sum()[None]}
    save_golden(path, golden)


def make_rounding(path: Path) -> None:
    torch.manual_seed(13)
    edges = [0.0, -0.0, 1.0, -1.0, 65504.0, 65519.996, 65520.0, -65520.0, 1e30, 3.4e38, 2.0**-14, 2.0**-24, 2.0**-25]
    edges += [2.0**-25 * 1.0000001, 3 * 2.0**-25, 2.0**-126, 2.0**-133, 2.0**-134, 1e-45, float("inf"), -float("inf")]
    edges += [float("nan"), 3.3961775e38, 3.3895314e38]
    spread = torch.randn(1000) * 2.0 ** torch.randint(-28, 18, (1000,))
    wide = torch.randn(300) * 2.0 ** torch.randint(-140, 120, (300,))
    halves = [1 + 2.0**-11, 1 + 3 * 2.0**-11, 1 + 2.0**-8, 1 + 3 * 2.0**-8, 1 + 2.0**-8 + 2.0**-20, -1 - 2.0**-11]
    values = torch.cat([torch.tensor(edges + halves), spread, wide])
    f16, bf16 = values.half(), values.bfloat16()
    save_golden(path, {"f32": values, "f16": f16, "bf16": bf16, "f16.widened": f16.float(), "bf16.widened": bf16.float()})


ROPE_CASES = {
    "default": dict(head_dim=64, rope_parameters=dict(rope_type="default", rope_theta=10000.0)),
    "linear": dict(head_dim=64, rope_parameters=dict(rope_type="linear", factor=4.0, rope_theta=10000.0)),
    "llama31": dict(head_dim=128, rope_parameters=dict(rope_type="llama3", rope_theta=500000.0, factor=8.0,
                    low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=8192)),
    "llama32": dict(head_dim=64, rope_parameters=dict(rope_type="llama3", rope_theta=500000.0, factor=32.0,
                    low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=8192)),
}  # fmt: skip


def make_rope(folder: Path) -> None:
    positions = torch.tensor([*range(17), 63, 64, 255, 1000, 2047, 8191])
    golden = {"positions": positions}
    for name, case in ROPE_CASES.items():
        config = LlamaConfig(hidden_size=case["head_dim"] * 4, num_attention_heads=4, max_position_embeddings=131072, **case)
        rotary = LlamaRotaryEmbedding(config)
        cos, sin = rotary(torch.zeros(1), positions[None])
        golden |= {f"{name}.inv_freq": rotary.inv_freq, f"{name}.cos": cos[0], f"{name}.sin": sin[0]}
    save_golden(folder / "rope.safetensors", golden)
