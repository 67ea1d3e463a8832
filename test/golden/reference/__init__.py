"""The PyTorch side of the parity checks: development only, neither the product nor its tests run it."""
