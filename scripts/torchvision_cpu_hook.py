"""Lets torchvision from PyPI, which is linked against CUDA, be imported beside a CPU build of torch.

Its compiled part cannot be loaded there, and its Python part then stops at `operator torchvision::nms does not
exist`. This hook declares the two operators in question right before torchvision is first imported. Transforms are
plain torch and work; `torchvision.io` and `torchvision.ops` do not. `fix_cpu_venv.sh` puts it into an environment,
where it costs nothing until something asks for torchvision.
"""

from __future__ import annotations

import sys
from types import ModuleType

_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


class _BeforeTorchvision:
    """Finds nothing; it only wants to be asked first."""

    library: object = None
    """Kept alive: operators go with the library that declared them."""

    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> None:
        if name == "torchvision" and self in sys.meta_path:
            sys.meta_path.remove(self)
            self.declare()

    def declare(self) -> None:
        try:
            import torch
        except ImportError:
            return
        if torch.version.cuda or torch.version.hip:
            return
        library = torch.library.Library("torchvision", "FRAGMENT")
        for operator in _OPERATORS:
            library.define(operator)
        _BeforeTorchvision.library = library


sys.meta_path.insert(0, _BeforeTorchvision())
