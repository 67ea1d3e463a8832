"""Small tokenizers of the kinds that encoders have, and the ids and kinds that transformers gives to texts and pairs."""

import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

TEXTS = [
    "the cat sat on the mat", "a dog did not sit", "the bird sang a song, and the cat left",
    "was it good ? it was not bad", "a bad film is a long film", "the song is good",
]
CASES = [
    (["the cat sat"], 16),
    (["the cat sat on the mat", "a dog did not sit"], 32),
    (["The bird, unbelievably, SANG!", "it was good"], 32),
    (["", "the song is good"], 16),
    (["the cat sat on the mat and the bird left", "a dog"], 10),
    (["a dog", "the cat sat on the mat and the bird left"], 9),
    (["the cat sat on the mat and the bird left it was not bad"], 7),
    (["ein schöner Tag — 5 €", "[SEP] in the text"], 40),
]


def make_pairs(folder: Path, encoder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    golden = {}
    for name, tokenizer in {"wordpiece": word_piece(), "roberta": byte_level("roberta"), "template": byte_level("template")}.items():
        path = folder / f"{name}.json"
        tokenizer.save(str(path), pretty=False)
        fast = PreTrainedTokenizerFast(tokenizer_file=str(path), pad_token="[PAD]")
        golden[name] = [encoded(fast, texts, length) for texts, length in CASES]
    (folder / "pairs.json").write_text(json.dumps(golden, separators=(",", ":"), ensure_ascii=False) + "\n")
    for target in (encoder, encoder.parent / f"{encoder.name}-headless"):
        word_piece().save(str(target / "tokenizer.json"), pretty=False)
        names = dict(cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]")
        (target / "tokenizer_config.json").write_text(json.dumps(names, indent=2) + "\n")


def encoded(tokenizer, texts, length) -> dict:
    result = tokenizer(*texts, truncation="longest_first", max_length=length, return_token_type_ids=True)
    return dict(texts=texts, maxLength=length, ids=result["input_ids"], typeIds=result["token_type_ids"])


def word_piece() -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(TEXTS, trainers.WordPieceTrainer(vocab_size=94, special_tokens=special, show_progress=False))
    cls, sep = (tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", special_tokens=[("[CLS]", cls), ("[SEP]", sep)]
    )
    return tokenizer


def byte_level(kind: str) -> Tokenizer:
    is_roberta = kind == "roberta"
    special = ["<s>", "[PAD]", "</s>", "<unk>"] if is_roberta else ["[CLS]", "[PAD]", "[SEP]", "[UNK]"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    if is_roberta:
        tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    else:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 0), ("[SEP]", 2)]
        )
    return tokenizer
