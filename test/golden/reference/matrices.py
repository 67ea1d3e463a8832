"""Random matrices whose rows hold no magnitude twice, so that top-k does not depend on a tie rule."""

import torch

INTEGERS = {torch.float32: torch.int32, torch.float16: torch.int16, torch.bfloat16: torch.int16}


def distinct_matrix(rows: int, columns: int, dtype: torch.dtype) -> torch.Tensor:
    """Random signed values from about 2^-10 to 2, all magnitudes of a row distinct."""
    bits = INTEGERS[dtype]
    lowest, highest = (int(torch.tensor(v, dtype=dtype).view(bits)) for v in (2.0**-10, 2.0))
    offsets = torch.stack([torch.randperm(min(highest - lowest, 1 << 20))[:columns] for _ in range(rows)])
    scale = max(1, (highest - lowest) >> 20)
    matrix = (lowest + offsets * scale).to(bits).view(dtype)
    return torch.where(torch.rand(rows, columns) < 0.5, -matrix, matrix)


def assert_tie_free(weight: torch.Tensor) -> None:
    """Fails where two entries of one row have the same magnitude, for then top-k depends on a tie rule."""
    ordered = weight.detach().abs().float().sort(dim=1).values
    assert (ordered[:, 1:] > ordered[:, :-1]).all(), "two entries of a row have the same magnitude"
