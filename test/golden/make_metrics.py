"""Makes metrics.json: labels and numbers with the metrics that scikit-learn and scipy give for them.

Development only:

    python -m venv venv
    venv/bin/pip install scikit-learn scipy
    venv/bin/python test/golden/make_metrics.py
"""

import json
import math
import random
from pathlib import Path

import numpy as np
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

FILE = Path(__file__).resolve().parent / "metrics.json"


def labels_case(expected: list[str], got: list[str]) -> dict:
    case = {
        "expected": expected,
        "got": got,
        "accuracy": accuracy_score(expected, got),
        "macroF1": f1_score(expected, got, average="macro"),
        "matthews": matthews_corrcoef(expected, got),
    }
    classes = sorted(set(expected))
    return case | {"binaryF1": {c: f1_score([e == c for e in expected], [g == c for g in got]) for c in classes}}


def numbers_case(xs: list[float], ys: list[float]) -> dict:
    return {"xs": xs, "ys": ys, "pearson": pearsonr(xs, ys).statistic, "spearman": spearmanr(xs, ys).statistic}


def wilson_case(count: int, total: int) -> dict:
    from scipy.stats import binomtest

    interval = binomtest(count, total).proportion_ci(0.95, method="wilson")
    return {"count": count, "total": total, "low": interval.low, "high": interval.high}


def bootstrap_case(statistic: str, samples: tuple[list, list]) -> dict:
    from scipy.stats import bootstrap

    metrics = {"matthews": matthews_corrcoef, "pearson": lambda x, y: pearsonr(x, y).statistic}
    arrays = [np.array(sample) for sample in samples]
    options = dict(paired=True, vectorized=False, method="percentile", n_resamples=10_000, rng=1)
    if statistic == "matthews":
        # scipy resamples numbers alone.
        arrays = [np.unique(array, return_inverse=True)[1] for array in arrays]
    interval = bootstrap(arrays, metrics[statistic], **options).confidence_interval
    return {"statistic": statistic, "samples": samples, "low": interval.low, "high": interval.high}


def main() -> None:
    random.seed(5)
    letters = [random.choice("abcd") for _ in range(120)]
    guesses = [c if random.random() < 0.6 else random.choice("abcd") for c in letters]
    binary = [random.choice(["yes", "no", "no"]) for _ in range(80)]
    answers = [c if random.random() < 0.7 else random.choice(["yes", "no"]) for c in binary]
    xs = [random.gauss(0, 1) for _ in range(60)]
    ys = [x + random.gauss(0, 1) for x in xs]
    tied = [round(2 * x) / 2 for x in xs]
    golden = {
        "labels": [
            labels_case(letters, guesses),
            labels_case(binary, answers),
            labels_case(["a", "b", "b"], ["c", "b", "b"]),
            labels_case(["a", "a", "a"], ["a", "a", "a"]),
        ],
        "numbers": [numbers_case(xs, ys), numbers_case(tied, [math.floor(y) for y in ys]), numbers_case(xs, [-x for x in xs])],
        "bootstrap": [bootstrap_case("matthews", (letters, guesses)), bootstrap_case("pearson", (xs, ys))],
        "wilson": [wilson_case(*case) for case in [(0, 10), (10, 10), (3, 7), (148, 150), (500, 1000)]],
    }
    FILE.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
