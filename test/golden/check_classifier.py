"""Development only: compares a merged encoder with transformers, which must find every tensor and give our answers.

    neuroada evaluate MERGED --data DATA.jsonl --output OUT
    python test/golden/check_classifier.py MERGED DATA.jsonl OUT/NAME/answers.jsonl

DATA has the fields sentence1, sentence2 (optional) and label. Prints what transformers misses, and the largest difference of
log P of the class that is given.
"""

import json
import sys

import torch
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast


def main(merged: str, data: str, answers: str) -> None:
    model, loading = AutoModelForSequenceClassification.from_pretrained(merged, output_loading_info=True)
    print({kind: names for kind, names in loading.items() if names} or "every tensor is in its place")
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=f"{merged}/tokenizer.json")
    has_types = getattr(model.config, "type_vocab_size", 0) > 1
    with open(answers) as lines:
        given = {answer["index"]: answer for answer in map(json.loads, lines)}
    worst = 0.0
    with open(data) as lines:
        for index, record in enumerate(map(json.loads, lines)):
            texts = [record[name] for name in ("sentence1", "sentence2") if name in record]
            inputs = tokenizer(*texts, return_tensors="pt", return_token_type_ids=has_types)
            with torch.no_grad():
                logits = model.eval()(**inputs).logits[0].double()
            best = torch.log_softmax(logits, -1).max()
            worst = max(worst, abs(float(best) - given[index]["logProbability"]))
    print(f"log P differs by at most {worst:.1e} over {len(given)} texts")


if __name__ == "__main__":
    main(*sys.argv[1:])
