"""Normalized prompt records from a list of captions: the released system's script, over `unimumer.latex`.

python preprocess/make_mathnet_hmer_data.py process --input captions.txt --output-dir out --image-base-path images

`process` normalizes the captions, `prompt-only` takes them as they are. Captions are lines of an id, a tab and LaTeX,
or a JSON list of objects with an id (`img_id`, `image_id`, `id`, `image`) and a label (`label`, `caption`, `gt`). One
that fails goes to invalid_record.json with its reason.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

try:
    from unimumer.data.labels import as_published, normalized
    from unimumer.data.sample import DataError, Sample
    from unimumer.data.sharegpt import record
    from unimumer.errors import UnimumerError
    from unimumer.files import read_objects, read_table, write_json
    from unimumer.tasks import recognize
except ModuleNotFoundError as error:
    sys.exit(f"make_mathnet_hmer_data.py: {error}; install this project first: python -m pip install .")

INVALID = "invalid_record.json"
IDS = ("img_id", "image_id", "id", "image")
LABELS = ("label", "caption", "gt", "latex")


def main(arguments: list[str] | None = None) -> None:
    """Write `<stem>_normalized.json` or `<stem>.json` of prompt records, and what failed."""
    options = _parser().parse_args(arguments)
    made: list[object] = []
    invalid: list[object] = []
    process = options.command == "process"
    try:
        for name, caption in _captions(options.input):
            try:
                if not name or caption is None:
                    raise DataError(f"expected an id ({', '.join(IDS)}) and a label ({', '.join(LABELS)})")
                label = normalized(caption) if process else as_published(caption)
            except UnimumerError as error:
                invalid.append({"image_id": name, "caption": caption, "reason": str(error)})
                continue
            image = Path(options.image_base_path, name if Path(name).suffix else name + options.image_suffix)
            made.append(record(Sample(Path(name).stem, image, label), recognize.prompt(), recognize.target(label)))
        options.output_dir.mkdir(parents=True, exist_ok=True)
        end = "_normalized" if process else ""
        write_json(options.output_dir / f"{options.input.stem}{end}.json", made, indent=4)
        write_json(options.output_dir / INVALID, invalid, indent=4)
    except (UnimumerError, OSError) as error:
        sys.exit(f"make_mathnet_hmer_data.py: {error}")
    print(f"{len(made)} records, {len(invalid)} invalid: {options.output_dir}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Prompt records from a list of captions.")
    parser.add_argument("command", choices=("process", "prompt-only"))
    parser.add_argument("--input", type=Path, required=True, help="captions: id, tab, LaTeX a line; or a JSON list")
    parser.add_argument("--output-dir", type=Path, required=True)
    parser.add_argument("--image-base-path", required=True, help="the folder of the pictures, as records name it")
    parser.add_argument("--image-suffix", default=".jpg", help="of a picture whose id has none (.jpg)")
    parser.add_argument("--mathnet-path", help="accepted and not needed: the normalizer is this project's own")
    return parser


def _captions(path: Path) -> Iterator[tuple[str, str | None]]:
    if path.suffix != ".json":
        for _, name, caption in read_table(path):
            yield name, caption
        return
    for _, item in read_objects(path):
        name = next((item[key] for key in IDS if key in item), "")
        caption = next((item[key] for key in LABELS if key in item), None)
        yield str(name), caption if isinstance(caption, str) else None


if __name__ == "__main__":
    main()
