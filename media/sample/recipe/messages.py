"""Customer messages: one problem sentence of a team, at times with an opener, some context and a closing."""

import random
import re

from grammar import expand, sections

TEAMS = ("billing", "delivery", "returns", "technical", "account")
PROBLEMS = {team: sections(team) for team in TEAMS}
PARTS = sections("message")


def inquiry(team: str, rng: random.Random) -> str:
    """A problem sentence that only names what it is about."""
    sentence = rng.choice(PARTS["inquiries"])
    return re.sub(r"\{topic\}", lambda _: rng.choice(PROBLEMS[team]["topics"]), sentence)


def message(problem: str, rng: random.Random) -> str:
    parts = [
        rng.choice(PARTS["openers"]) if rng.random() < 0.4 else "",
        rng.choice(PARTS["contexts"]) if rng.random() < 0.3 else "",
        problem,
        rng.choice(PARTS["closers"]) if rng.random() < 0.4 else "",
    ]
    text = expand(" ".join(part for part in parts if part), rng)
    return re.sub(r"^([A-Z][\w ]+), (?!I\b)([A-Z])", lambda opener: f"{opener[1]}, {opener[2].lower()}", text)


def reply(team: str, rng: random.Random) -> str:
    parts = [
        rng.choice(PARTS["greetings"]) if rng.random() < 0.25 else "",
        rng.choice(PROBLEMS[team]["replies"]),
        rng.choice(PARTS["farewells"]) if rng.random() < 0.4 else "",
    ]
    return expand(" ".join(part for part in parts if part), rng)
