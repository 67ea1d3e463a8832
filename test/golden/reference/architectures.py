"""A tiny random checkpoint of each supported architecture, with its logits, greedy text and delta gradients."""

import json
import shutil
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config
from transformers import set_seed

from .files import save_golden
from .matrices import assert_tie_free, distinct_matrix
from .neuroada import attach, mean_label_loss

VOCABULARY = 96
SIZES = dict(
    vocab_size=VOCABULARY,
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=2,
    num_attention_heads=4,
    max_position_embeddings=128,
    initializer_range=0.15,
    bos_token_id=1,
    eos_token_id=2,
    pad_token_id=0,
)
LLAMA3_SCALING = dict(
    rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32
)

CONFIGURATIONS = {
    "llama": LlamaConfig(**SIZES),
    "llama-llama3-tied": LlamaConfig(
        **{**SIZES, "hidden_size": 64},
        num_key_value_heads=2,
        tie_word_embeddings=True,
        rope_parameters=dict(LLAMA3_SCALING, rope_theta=10000.0),
    ),
    "llama-linear": LlamaConfig(
        **SIZES, num_key_value_heads=1, rope_parameters=dict(rope_type="linear", factor=4.0, rope_theta=5000.0)
    ),
    "llama-bias": LlamaConfig(**SIZES, num_key_value_heads=2, attention_bias=True, mlp_bias=True, rms_norm_eps=1e-5),
    "llama-bf16-sharded": LlamaConfig(**SIZES, num_key_value_heads=2),
    "mistral": MistralConfig(**SIZES, num_key_value_heads=2, head_dim=16, sliding_window=5),
    "qwen2": Qwen2Config(**SIZES, num_key_value_heads=2, use_sliding_window=False),
    "qwen3": Qwen3Config(**SIZES, num_key_value_heads=2, head_dim=16, tie_word_embeddings=True),
}

# Checkpoints written before transformers 5 keep rope_theta and rope_scaling at the top level and call dtype torch_dtype.
OLD_STYLE = {"llama", "llama-llama3-tied", "llama-bf16-sharded", "qwen2"}


def make_architectures(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for seed, (name, configuration) in enumerate(CONFIGURATIONS.items()):
        is_sharded = name.endswith("sharded")
        set_seed(1000 + seed)
        model = random_model(configuration, torch.bfloat16 if is_sharded else torch.float32)
        model.save_pretrained(folder / name, max_shard_size="40KB" if is_sharded else "1GB")
        if name in OLD_STYLE:
            rewrite_in_old_style(folder / name / "config.json")
        save_golden(folder / f"{name}.safetensors", golden_batch(folder / name))
    save_golden(folder / "llama.packed.safetensors", packed_batch(folder / "llama"))


def random_model(configuration, dtype: torch.dtype):
    """Random weights; biases and norms too, which a fresh model would hold at 0 and 1."""
    model = AutoModelForCausalLM.from_config(configuration)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.3)
            elif "norm" in name:
                parameter.uniform_(0.5, 1.5)
            elif dtype == torch.bfloat16:
                parameter.copy_(distinct_matrix(*parameter.shape, dtype) / 4)
    return model.to(dtype)


def rewrite_in_old_style(path: Path) -> None:
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = rope if rope["rope_type"] != "default" else None
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def load_float32(checkpoint: Path):
    return AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32, attn_implementation="eager").eval()


def golden_batch(checkpoint: Path) -> dict[str, torch.Tensor]:
    model = load_float32(checkpoint)
    input_ids = torch.randint(3, VOCABULARY, (2, 12))
    labels = input_ids.clone()
    labels[0, :4] = -100
    labels[1, :7] = -100
    labels[1, 10:] = -100
    golden = {"input_ids": input_ids, "labels": labels, **greedy(model)}
    return golden | logits_and_gradients(model, input_ids, labels)


def greedy(model) -> dict[str, torch.Tensor]:
    """Eight greedy tokens, from a prompt where no choice is close."""
    while True:
        prompt = torch.randint(3, VOCABULARY, (1, 6))
        tokens = prompt
        margin = float("inf")
        for _ in range(8):
            best = model(tokens).logits[0, -1].detach().topk(2)
            margin = min(margin, float(best.values[0] - best.values[1]))
            tokens = torch.cat([tokens, best.indices[:1, None]], dim=1)
        if margin > 0.02:
            return {"greedy.prompt": prompt[0], "greedy.tokens": tokens[0, 6:]}


def logits_and_gradients(model, input_ids, labels, **inputs) -> dict[str, torch.Tensor]:
    wrapped = attach(model, k=2)
    logits = model(input_ids, **inputs).logits
    loss = mean_label_loss(logits, labels)
    loss.backward()
    golden = {"logits": logits, "loss": loss[None]}
    for name, linear in wrapped.items():
        assert_tie_free(linear.base.weight)
        golden[f"{name}.indices"] = linear.columns
        golden[f"{name}.gradients"] = linear.deltas.grad
    return golden


def packed_batch(checkpoint: Path) -> dict[str, torch.Tensor]:
    """Three examples in one row: positions restart, no token sees another example, first tokens carry no label."""
    lengths = (5, 4, 6)
    segments = torch.cat([torch.full((n,), i) for i, n in enumerate(lengths)])[None]
    positions = torch.cat([torch.arange(n) for n in lengths])[None]
    input_ids = torch.randint(3, VOCABULARY, (1, sum(lengths)))
    labels = torch.where(positions < 2, -100, input_ids)
    is_visible = (segments[:, :, None] == segments[:, None, :]) & torch.ones(15, 15).tril().bool()
    mask = torch.zeros(1, 1, 15, 15).masked_fill(~is_visible[:, None], torch.finfo(torch.float32).min)
    inputs = dict(attention_mask=mask, position_ids=positions)
    model = load_float32(checkpoint)
    golden = logits_and_gradients(model, input_ids, labels, **inputs)
    alone = torch.cat([model(part).logits[0] for part in input_ids.split(lengths, dim=1)])
    assert torch.allclose(alone, golden["logits"][0], atol=1e-5), "packed examples see each other"
    return {"input_ids": input_ids, "labels": labels, "position_ids": positions, "segment_ids": segments} | golden
