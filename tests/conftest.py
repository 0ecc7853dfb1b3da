"""What all tests share: which modules can run here, and where the development data lies."""

from __future__ import annotations

from importlib.util import find_spec

# Modules that need PyTorch are not collected without it: `make test` runs everything it collects, and `make
# test-all`, which asks for the marker `torch`, fails when it finds none.
collect_ignore_glob = [] if find_spec("torch") else ["*/test_torch_*.py"]
