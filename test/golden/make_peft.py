"""Writes adapters of PEFT for the golden checkpoint `llama`, with the logits that PEFT computes with them.

Development only, beside make_golden.py:

    venv/bin/pip install torch==2.13.0 transformers==5.23.0 peft==0.21.2
    venv/bin/python test/golden/make_peft.py
"""

import json
from pathlib import Path

import torch
from peft import LoraConfig, ShiraConfig, SupertuningConfig, get_peft_model
from safetensors.torch import load_file
from transformers.utils import logging

from reference.architectures import load_float32
from reference.files import save_golden
from reference.neuroada import TARGET_MODULES

FOLDER = Path(__file__).resolve().parent
TARGETS = list(TARGET_MODULES)
ADAPTERS = {
    "lora": LoraConfig(r=2, lora_alpha=3, target_modules=TARGETS, use_rslora=True, init_lora_weights=False),
    "supertuning": SupertuningConfig(sparsity=0.9, target_modules=TARGETS, init_weights=False),
    "shira": ShiraConfig(r=1, target_modules=["q_proj", "down_proj"], init_weights=False, random_seed=5),
}


def main() -> None:
    logging.disable_progress_bar()
    torch.manual_seed(3)
    input_ids = load_file(FOLDER / "architectures" / "llama.safetensors")["input_ids"].long()
    for name, config in ADAPTERS.items():
        model = get_peft_model(load_float32(FOLDER / "architectures" / "llama"), config).eval()
        for parameter_name, parameter in model.named_parameters():
            if "shira" in parameter_name or "supertuning" in parameter_name:
                parameter.data.mul_(0.1)
        with torch.no_grad():
            logits = model(input_ids).logits
        model.save_pretrained(FOLDER / "peft" / name)
        (FOLDER / "peft" / name / "README.md").unlink(missing_ok=True)
        settings = FOLDER / "peft" / name / "adapter_config.json"
        written = json.loads(settings.read_text()) | {"base_model_name_or_path": "llama"}
        written["target_modules"] = sorted(written["target_modules"])
        settings.write_text(json.dumps(written, indent=2) + "\n")
        save_golden(FOLDER / "peft" / f"{name}.safetensors", {"input_ids": input_ids, "logits": logits})


if __name__ == "__main__":
    main()
