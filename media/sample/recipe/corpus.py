"""The pre-training corpus: customer messages with the answers they got, and everyday sentences.

No document says which team a message belongs to, and the problem sentences of the fine-tuning data do not occur.
"""

import random

from grammar import expand, sections
from messages import PROBLEMS, TEAMS, inquiry, message, reply

LIFE = sections("life")
THREADS = (
    "Customer: {}\nAgent: {}",
    "Message: {}\nTeam: {}",
    "Question: {}\nAnswer: {}",
    "Mail: {}\nReply: {}",
    "{}\n\n{}",
)


def document(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.7:
        team = rng.choice(TEAMS)
        is_inquiry = rng.random() < 0.35
        problem = inquiry(team, rng) if is_inquiry else rng.choice(PROBLEMS[team]["pretraining"])
        return rng.choice(THREADS).format(message(problem, rng), reply(team, rng))
    if kind < 0.95:
        return " ".join(expand(rng.choice(LIFE["stories"]), rng) for _ in range(rng.randint(1, 2)))
    return expand(rng.choice(LIFE["questions"]), rng)


def corpus(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return [document(rng) for _ in range(count)]
