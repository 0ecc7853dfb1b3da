"""What all tests share: which modules can run here, and where the development data lies."""

from __future__ import annotations

from importlib.util import find_spec

# Modules that need PyTorch or Ray are not collected without it: `make test` runs everything it collects, and `make
# test-all` and `make test-ray`, which ask for a marker, fail when they find none.
collect_ignore_glob = [f"*/test_{package}_*.py" for package in ("torch", "ray") if not find_spec(package)]
