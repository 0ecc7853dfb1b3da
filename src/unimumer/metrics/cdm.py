"""The official CDM, run from a user's own checkout: its code is in no package index and is no part of this package.

Source: Wang and others, "CDM: A Reliable Metric for Fair and Accurate Formula Recognition Evaluation" (CVPR 2025), and
the interface of `cdm/evaluation.py` in opendatalab/UniMERNet: `-i NAME.json` with a list of `img_id`, `gt` and `pred`,
`-o FOLDER`, `-p PROCESSES`; scores in `FOLDER/NAME/metrics_res.json`, under `details`, by id up to its first dot.

The evaluator puts ids and folders into shell commands and texts into TeX. So ids are hashes here, all its paths are
short and relative, TeX may neither run commands nor touch files elsewhere, and the whole runs in a folder of its own,
by an argument list, with a deadline and bounded output; where bubblewrap works, also without network and unable to
write anywhere else.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from unimumer.environment import processors
from unimumer.files import FileError, read_object, write_json
from unimumer.files import sha256 as sha256_of
from unimumer.metrics.pairs import MetricsError

BATCH = 50
"""Pairs of one run of the evaluator, which takes seconds to start."""
DEADLINE = 60.0, 10.0
"""Seconds of a run, and of each pair in it; the evaluator itself gives TeX thirty for a text."""
MAX_RESULT = 1 << 20
MAX_FILE = 64 << 20
"""Bytes of its results that are read, and of any file that it may write."""
_TAIL = 2000
_CONTROL = ("x", "x"), ("x + y", "a")
"""Pairs of which it is known whether they match; the first goes with every batch."""

Text = tuple[str, str]
"""A label and a prediction."""


class Evaluator:
    """A checkout of the official evaluator, tried once."""

    def __init__(self, checkout: Path, deadline: tuple[float, float] = DEADLINE) -> None:
        """`checkout` is the evaluator's folder `cdm`, or its `evaluation.py`; a `.venv` in the folder is used.

        Raises MetricsError when it is none, or does not tell an equal pair from a different one.
        """
        self.script = (checkout / "evaluation.py" if checkout.is_dir() else checkout).absolute()
        if not self.script.is_file() or os.name != "posix":
            raise MetricsError(f"{checkout}: no evaluation.py of CDM, or a system on which it does not run")
        if not all(sign.isalnum() or sign in "/._-+" for sign in str(self.script)):
            raise MetricsError(f"{checkout}: CDM puts its path into shell commands: move it to one of plain letters")
        self._deadline = deadline
        own = self.script.parent / ".venv" / "bin" / "python"
        self._python = str(own if own.exists() else sys.executable)
        self._confined = _confinement()
        self.digest = _digest(self.script.parent)
        """SHA-256 of its code: scores are kept by it."""
        self._tail = b""
        self._check()

    def _check(self) -> None:
        """Raise MetricsError unless it tells an equal pair from a different one."""
        found = self._run(_CONTROL)
        if found is None or found.get(_name(_CONTROL[1])) in (None, 1.0):
            said = ascii((self._tail.decode(errors="replace").splitlines() or ["nothing"])[-1])
            raise MetricsError(
                f"{self.script}: gives no sound scores for two simple pairs; does it run by itself? It needs pdflatex, "
                f"ImageMagick, Node and the packages of its requirements.txt. It ended with {said}"
            )

    @property
    def confined(self) -> bool:
        """Whether bubblewrap keeps it from the network and from writing elsewhere."""
        return bool(self._confined)

    def scores(self, texts: Sequence[Text], kept: Path | None = None) -> list[float | None]:
        """F1 of each pair, 0 to 1, in order; None where the evaluator has no verdict, such as for a label that fails.

        Scores are kept in the folder `kept`, by the content of pair and evaluator, after every batch. Raises
        MetricsError when the evaluator no longer runs.
        """
        store = None if kept is None else kept / f"{self.digest}.json"
        known = _stored(store)
        lacking = list(dict.fromkeys(text for text in texts if _name(text) not in known))
        for start in range(0, len(lacking), BATCH):
            judged = self._judged(lacking[start : start + BATCH])
            if not judged:  # it failed on every pair by itself
                self._check()
            known |= judged
            if store is not None:
                store.parent.mkdir(parents=True, exist_ok=True)
                write_json(store, known)
        return [known.get(_name(text)) for text in texts]

    def _judged(self, texts: Sequence[Text]) -> dict[str, float | None]:
        """Scores by name; where a batch fails its halves are tried, so that one bad pair costs no other its score."""
        found = self._run([_CONTROL[0], *texts])
        if found is not None:
            return {_name(text): found.get(_name(text)) for text in texts}
        if len(texts) == 1:
            return {}
        middle = len(texts) // 2
        return self._judged(texts[:middle]) | self._judged(texts[middle:])

    def _run(self, texts: Sequence[Text]) -> dict[str, float] | None:
        """Scores by name of one run, or None when it failed; the first of the texts is to match."""
        items = [{"img_id": _name((gt, pred)), "gt": gt, "pred": pred} for gt, pred in texts]
        with TemporaryDirectory(prefix="unimumer-cdm-", ignore_cleanup_errors=True) as place:
            folder = Path(place).resolve()
            write_json(folder / "pairs.json", items)
            workers = str(min(processors(), len(items)))
            asked = [self._python, "-B", str(self.script), "-i", "pairs.json", "-o", "out", "-p", workers]
            seconds = self._deadline[0] + self._deadline[1] * len(items)
            confined = [part.replace("{}", str(folder)) for part in self._confined]
            done, self._tail = _spawn([*confined, *asked], folder, seconds)
            found = _read(folder, "out/pairs/metrics_res.json") if done else None
        return found if found and found.get(items[0]["img_id"]) == 1.0 else None


def kept_scores() -> Path:
    """Where scores are kept: the user's folder for caches (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "unimumer" / "cdm"


def _name(text: Text) -> str:
    """A hash of a pair, which is a file name without a dot."""
    return sha256("\0".join(text).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _digest(folder: Path) -> str:
    code = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".js") and ".venv" not in path.parts)
    found = sha256()
    for path in code:
        found.update(f"{path.relative_to(folder)}\0{sha256_of(path)}\0".encode())
    return found.hexdigest()


def _stored(store: Path | None) -> dict[str, float | None]:
    if store is None or not store.exists():
        return {}
    found = read_object(store)
    if not all(value is None or _is_score(value) for value in found.values()):
        raise FileError(f"{store}: not scores that were kept; remove it")
    return found


def _is_score(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


def _read(folder: Path, written: str) -> dict[str, float] | None:
    """Scores by name that a run left; None when they are not there, not sound, or not in the folder itself."""
    path = folder / written
    try:
        if path.resolve() != path or not path.is_file() or path.stat().st_size > MAX_RESULT:
            return None
        details = read_object(path).get("details")
    except (FileError, OSError):
        return None
    if not isinstance(details, dict) or not all(isinstance(one, dict) for one in details.values()):
        return None
    scores = {name: one.get("F1_score") for name, one in details.items()}
    return scores if all(map(_is_score, scores.values())) else None


def _confinement() -> list[str]:
    """How bubblewrap is called, `{}` being the only folder that can be written; nothing where it does not work."""
    everything = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    call = [shutil.which("bwrap") or "", *everything, "--unshare-net", "--unshare-pid", "--die-with-parent"]
    if not call[0] or subprocess.run([*call, "true"], capture_output=True, timeout=10, check=False).returncode:
        return []
    return [*call, "--bind", "{}", "{}", "--chdir", "{}", "--"]


def _spawn(command: Sequence[str], folder: Path, seconds: float) -> tuple[bool, bytes]:
    """Run a program in a folder: whether it ended well in time, and the end of what it said."""
    surroundings = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        **dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR"), str(folder)),
        "MPLBACKEND": "Agg",
        # TeX: no commands, and no files but those below its folder and those of its own trees (texmf.cnf).
        **{"shell_escape": "f", "openin_any": "p", "openout_any": "p"},
    }
    with TemporaryFile() as said:  # no longer than `_bound` lets it become
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_bound,
        )
        code: int | None = None
        try:
            with suppress(subprocess.TimeoutExpired):
                code = process.wait(seconds)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        said.seek(max(0, said.seek(0, os.SEEK_END) - _TAIL))
        return code == 0, said.read(_TAIL)


def _bound() -> None:
    """In the new process: no file larger than `MAX_FILE`, no dump of its memory."""
    import resource  # not on Windows

    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE, MAX_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
