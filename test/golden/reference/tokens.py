"""Token ids of varied strings by the native tokenizers library, for the sample checkpoint's tokenizer."""

import json
import random
from pathlib import Path

from tokenizers import Tokenizer

EDGES = [
    "", " ", "  ", "\n", "\n\n", "\t", " \n ", "a", " a", "a ", "  a  b   c    ", "\r\n", "\u00a0", "\u200b", "\ufeff",
    "Hello, world!", "I'm you're we'll they've he'd it's", "DON'T", "12345", "3.14159", "1,000,000", "$42", "50%",
    "x=1;y=2", "foo_bar.baz(qux)", "<|endoftext|>", "a<|endoftext|>b", "<|padding|> <|padding|>", "<|endoftext", "|>",
    "naïve café", "Ünïcödé", "straße", "e\u0301", "日本語のテキスト", "中文字符", "한국어", "Привет, мир", "שלום",
    "مرحبا", "नमस्ते", "สวัสดี", "😀", "👩‍👩‍👧‍👦", "🇫🇷🇩🇪", "e-mail: anna7@mail.com", "https://example.org/a?b=c&d=%20",
    "٣٤٥", "½ ² Ⅷ", "“quotes” — dash…", "tab\tand\nnewline", "trailing   ", "\\n \\t", "C:\\folder\\file.txt",
    "{\"json\": [1, 2, null]}", "a\u0000b", "\u001b[0m", "\U0010ffff", "ﬁ ligature", "A" * 200, " " * 50, "ab " * 60,
    "Message: Where is my parcel?\nTeam:", " billing", " delivery", " returns", " technical", " account", "billing",
]  # fmt: skip
ALPHABET = list("abcdefghijklmnopqrstuvwxyz   ABC,.!?'-0123456789\n") + ["é", "ß", "日", "😀", "\u00a0", "ø"]


def make_tokens(path: Path, tokenizer_file: Path, evaluation_file: Path) -> None:
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    rng = random.Random(17)
    noise = ["".join(rng.choice(ALPHABET) for _ in range(rng.randint(1, 40))) for _ in range(100)]
    lines = evaluation_file.read_text().splitlines()[:30]
    texts = EDGES + noise + [json.loads(line)["prompt"] for line in lines]
    rows = []
    for text in texts:
        ids = tokenizer.encode(text).ids
        rows.append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=False)})
    path.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
