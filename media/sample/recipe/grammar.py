"""Text from templates: `[a|b]` is a choice, `{slot}` a word of that list, or a number, price, hour or e-mail address."""

import random
import re
from pathlib import Path

TEXT = Path(__file__).resolve().parent / "text"


def sections(name: str) -> dict[str, list[str]]:
    """The lines of a text file by the `== section` that they stand under."""
    result: dict[str, list[str]] = {}
    for line in (TEXT / f"{name}.txt").read_text().splitlines():
        if line.startswith("== "):
            result[line[3:]] = []
        else:
            result[list(result)[-1]].append(line)
    return result


SLOTS = sections("slots")


def expand(template: str, rng: random.Random) -> str:
    """The template with every choice and slot filled in at random."""
    chosen = re.sub(r"\[([^\]]*)\]", lambda choice: rng.choice(choice[1].split("|")), template)
    return re.sub(r"\{(\w+)\}", lambda slot: slot_text(slot[1], rng), chosen)


def slot_text(slot: str, rng: random.Random) -> str:
    if slot == "number":
        return str(rng.randint(1000, 9999))
    if slot == "amount":
        return f"${rng.randint(3, 99)}"
    if slot == "hour":
        return f"{rng.randint(6, 11)} o'clock"
    if slot == "email":
        return f"{rng.choice(SLOTS['name']).lower()}{rng.randint(1, 99)}@mail.com"
    return rng.choice(SLOTS[slot])
