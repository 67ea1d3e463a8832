"""A tiny random checkpoint of each supported encoder, with its logits and the gradients of deltas and head."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoModel, AutoModelForSequenceClassification
from transformers import BertConfig, DistilBertConfig, ModernBertConfig, RobertaConfig

from .files import save_golden
from .matrices import assert_tie_free
from .neuroada import NeuroAdaLinear

VOCABULARY = 96
LENGTHS = (12, 7, 9)
SIZES = dict(vocab_size=VOCABULARY, max_position_embeddings=48, initializer_range=0.15, attn_implementation="eager")
BERT = dict(SIZES, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4)
MODERN = dict(BERT, num_hidden_layers=4, local_attention=4, pad_token_id=0, bos_token_id=1, eos_token_id=2)
MODERN |= dict(cls_token_id=1, sep_token_id=2)

CONFIGURATIONS = {
    "bert": BertConfig(**BERT, num_labels=3),
    "roberta": RobertaConfig(**BERT, num_labels=2, type_vocab_size=1),
    "distilbert": DistilBertConfig(**SIZES, dim=32, hidden_dim=48, n_layers=2, n_heads=4, num_labels=1),
    "modernbert": ModernBertConfig(**MODERN, num_labels=3),
    "modernbert-mean": ModernBertConfig(
        **MODERN,
        num_labels=2,
        classifier_pooling="mean",
        classifier_bias=True,
        norm_bias=True,
        attention_bias=True,
        mlp_bias=True,
    ),
}
OLD_STYLE = {"modernbert-mean"}


def make_encoders(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for seed, (name, configuration) in enumerate(CONFIGURATIONS.items()):
        torch.manual_seed(2000 + seed)
        random_classifier(configuration).save_pretrained(folder / name)
        if name in OLD_STYLE:
            rewrite_in_old_style(folder / name / "config.json")
        save_golden(folder / f"{name}.safetensors", golden_batch(folder / name))
    make_headless(folder / "bert", folder / "bert-headless")
    for name in CONFIGURATIONS:
        save_golden(folder / f"{name}.curve.safetensors", curve(folder, name))


def random_classifier(configuration):
    """Random weights; biases and norms too, which a fresh model would hold at 0 and 1."""
    model = AutoModelForSequenceClassification.from_config(configuration)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.3)
            elif "norm" in name.lower():
                parameter.uniform_(0.5, 1.5)
            elif name.startswith(("classifier", "pre_classifier", "head", "bert.pooler")):
                parameter.normal_(0, 0.4)
    return model.float()


def rewrite_in_old_style(path: Path) -> None:
    """As before transformers 5, with every third layer global."""
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    del config["layer_types"]
    config["global_attn_every_n_layers"] = 3
    config["global_rope_theta"] = rope["full_attention"]["rope_theta"]
    config["local_rope_theta"] = rope["sliding_attention"]["rope_theta"]
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def make_headless(source: Path, folder: Path) -> None:
    """The encoder alone in the names of the oldest files: no `bert.` before them, norms as gamma and beta."""
    folder.mkdir(parents=True)
    config = json.loads((source / "config.json").read_text())
    for key in ("id2label", "label2id"):
        del config[key]
    (folder / "config.json").write_text(json.dumps(config | {"architectures": ["BertModel"]}, indent=2) + "\n")
    old = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
    tensors = {}
    for name, tensor in load_file(source / "model.safetensors").items():
        if not name.startswith("bert."):
            continue
        for new_part, old_part in old.items():
            name = name.replace(new_part, old_part)
        tensors[name.removeprefix("bert.")] = tensor
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def golden_batch(checkpoint: Path) -> dict[str, torch.Tensor]:
    model = AutoModelForSequenceClassification.from_pretrained(
        checkpoint, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    rows, length = len(LENGTHS), max(LENGTHS)
    mask = torch.arange(length)[None] < torch.tensor(LENGTHS)[:, None]
    input_ids = torch.randint(3, VOCABULARY, (rows, length)).masked_fill(~mask, model.config.pad_token_id)
    inputs = dict(input_ids=input_ids, attention_mask=mask.long())
    golden = {"input_ids": input_ids, "lengths": torch.tensor(LENGTHS)}
    if getattr(model.config, "type_vocab_size", 0) > 1:
        inputs["token_type_ids"] = golden["token_type_ids"] = (torch.arange(length) > 4).long() * mask
    labels = torch.randn(rows) if model.config.num_labels == 1 else torch.arange(rows) % model.config.num_labels
    golden["labels"] = labels
    golden["hidden"] = model.base_model(**inputs).last_hidden_state.masked_fill(~mask[..., None], 0)
    wrapped, head = attach(model)
    output = model(**inputs, labels=labels)
    output.loss.backward()
    golden |= {"logits": output.logits, "loss": output.loss[None]}
    for name, linear in wrapped.items():
        assert_tie_free(linear.base.weight)
        golden[f"{name}.indices"] = linear.columns
        golden[f"{name}.gradients"] = linear.deltas.grad
    for name, parameter in head.items():
        golden[f"{name}.gradient"] = parameter.grad
    return golden


def curve(folder: Path, name: str) -> dict[str, torch.Tensor]:
    """Losses of 50 AdamW steps on the golden batch, of deltas (k = 2) and the head together."""
    batch = load_file(folder / f"{name}.safetensors")
    model = AutoModelForSequenceClassification.from_pretrained(
        folder / name, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    mask = torch.arange(max(LENGTHS))[None] < batch["lengths"][:, None]
    inputs = dict(input_ids=batch["input_ids"].long(), attention_mask=mask.long())
    if "token_type_ids" in batch:
        inputs["token_type_ids"] = batch["token_type_ids"].long()
    labels = batch["labels"] if batch["labels"].is_floating_point() else batch["labels"].long()
    wrapped, head = attach(model)
    parameters = [linear.deltas for linear in wrapped.values()] + list(head.values())
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.1)
    losses = []
    for _ in range(50):
        optimizer.zero_grad()
        loss = model(**inputs, labels=labels).loss
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"losses": torch.tensor(losses, dtype=torch.float64)}


def attach(model: nn.Module) -> tuple[dict[str, NeuroAdaLinear], dict[str, nn.Parameter]]:
    """Freezes the encoder, wraps the linear layers of its blocks, leaves the head that is not the encoder's trainable."""
    encoder = model.base_model_prefix + "."
    head = {name: p for name, p in model.named_parameters() if not name.startswith(encoder)}
    model.requires_grad_(False)
    for parameter in head.values():
        parameter.requires_grad_(True)
    wrapped = {}
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.Linear) and ".layer" in name:
            wrapped[name] = NeuroAdaLinear(module, 2)
            parent, _, leaf = name.rpartition(".")
            setattr(model.get_submodule(parent), leaf, wrapped[name])
    return wrapped, head
