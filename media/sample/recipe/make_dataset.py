"""Writes train.jsonl and evaluation.jsonl: which team should get this message?

The two files share no problem sentence, and neither shares one with the pre-training corpus.

    python make_dataset.py
"""

import json
import random
from pathlib import Path

from messages import PROBLEMS, TEAMS, message

SAMPLE = Path(__file__).resolve().parent.parent
COUNTS = {"train": 480, "evaluation": 150}


def examples(section: str, count: int, rng: random.Random) -> list[dict[str, str]]:
    """As many messages of each team, all problem sentences equally often, no message twice."""
    seen: set[str] = set()
    result = []
    while len(result) < count:
        team = TEAMS[len(result) % len(TEAMS)]
        problems = PROBLEMS[team][section]
        text = message(problems[len(result) // len(TEAMS) % len(problems)], rng)
        if text not in seen:
            seen.add(text)
            result.append({"prompt": f"Message: {text}\nTeam:", "completion": f" {team}"})
    rng.shuffle(result)
    return result


def main() -> None:
    rng = random.Random(20)
    for section, count in COUNTS.items():
        lines = [json.dumps(example) + "\n" for example in examples(section, count, rng)]
        (SAMPLE / f"{section}.jsonl").write_text("".join(lines))


if __name__ == "__main__":
    main()
