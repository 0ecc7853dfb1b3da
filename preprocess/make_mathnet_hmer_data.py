"""Prompt records from a list of captions: the released system's script, over `unimumer.latex`.

python preprocess/make_mathnet_hmer_data.py process --input captions.txt --output-dir out --image-base-path images

`process` normalizes the captions and writes OUT/NAME_0425_final.json, NAME being that of the folder; `prompt-only`
takes them as they are and writes OUT/NAME.json. Captions are lines of an id and LaTeX, or a JSON list of objects with
`img_id` and `label`. One that fails goes to invalid_record.json with its reason. Options and names of files are those
of https://github.com/BFlameSwift/Uni-MuMER; its intermediate files are not made, and its MathNet is not needed.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

try:
    from unimumer.data.labels import normalized
    from unimumer.data.sample import DataError
    from unimumer.data.sharegpt import IMAGE, messages, write_released
    from unimumer.errors import UnimumerError
    from unimumer.files import PICTURE_SUFFIXES, read_objects, read_table
    from unimumer.tasks import recognize
except ModuleNotFoundError as error:
    sys.exit(f"make_mathnet_hmer_data.py: {error}; install this project first: python -m pip install .")

INVALID = "invalid_record.json"
_ARRAY = re.compile(r"(\\begin \{array\} \{ )([^}]*)")


def main(arguments: list[str] | None = None) -> None:
    """Write a file of prompt records, and what failed."""
    options = _parser().parse_args(arguments)
    made: list[object] = []
    invalid: list[object] = []
    try:
        for name, caption in _captions(options):
            image = _image(name, options)
            try:
                label = _label(name, caption, options)
            except UnimumerError as error:
                invalid.append({"image_id": name, "caption": caption, "image_path": image, "reason": str(error)})
                continue
            made.append({"images": [image], "messages": messages(IMAGE + recognize.prompt(), label)})
        options.output_dir.mkdir(parents=True, exist_ok=True)
        end = options.final_name_suffix if options.command == "process" else ".json"
        write_released(options.output_dir / f"{options.output_dir.resolve().name}{end}", made)
        write_released(options.output_dir / INVALID, invalid)
    except (UnimumerError, OSError) as error:
        sys.exit(f"make_mathnet_hmer_data.py: {error}")
    print(f"{len(made)} records, {len(invalid)} invalid: {options.output_dir}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Prompt records from a list of captions.")
    commands = parser.add_subparsers(dest="command", required=True)
    process = commands.add_parser("process", help="normalize the captions")
    plain = commands.add_parser("prompt-only", help="take the captions as they are")
    for one, suffix in ((process, ".jpg"), (plain, "")):
        one.add_argument("--input", type=Path, required=True, help="captions: id and LaTeX a line; or a JSON list")
        one.add_argument("--output-dir", type=Path, required=True)
        one.add_argument("--image-base-path", required=True, help="the folder of the pictures, as records name it")
        one.add_argument("--image-suffix", default=suffix, help=f"of a picture whose id has none ({suffix or 'none'})")
        one.add_argument("--json-image-id-key", default="img_id", help="of the objects of a JSON list (img_id)")
        one.add_argument("--json-caption-key", default="label", help="of the objects of a JSON list (label)")
    process.add_argument("--use-only-c", type=_truth, default=True, help="center the columns of arrays (true)")
    process.add_argument("--remove", type=_truth, default=True, help="leave out what cannot be normalized (true)")
    process.add_argument("--delete-token", action="append", default=[], help="leave out captions with this token")
    process.add_argument("--final-name-suffix", default="_0425_final.json", help="of the file of records")
    process.add_argument("--mathnet-root", help="accepted and not needed: the normalizer is this project's own")
    process.add_argument("--show-command-output", action="store_true", help="accepted: no other command is run")
    return parser


def _truth(text: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "y": True, "0": False, "false": False, "no": False, "n": False}
    if text.lower() not in known:
        raise argparse.ArgumentTypeError(f"neither true nor false: {text}")
    return known[text.lower()]


def _captions(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    if options.input.suffix != ".json":
        for _, name, caption in read_table(options.input, spaces=True):
            yield name, " ".join(caption.split())
        return
    for _, item in read_objects(options.input):
        name, caption = item.get(options.json_image_id_key), item.get(options.json_caption_key)
        yield str(name or ""), caption if isinstance(caption, str) else ""


def _image(name: str, options: argparse.Namespace) -> str:
    suffix = "" if Path(name).suffix.lower() in PICTURE_SUFFIXES else options.image_suffix
    return str(Path(options.image_base_path, name + suffix))


def _label(name: str, caption: str, options: argparse.Namespace) -> str:
    if not name or not caption.strip():
        raise DataError(
            "no id or no label; of JSON, --json-image-id-key and --json-caption-key say what they are called"
        )
    if options.command != "process":
        return caption
    try:
        label = normalized(caption)
    except UnimumerError:
        if options.remove:
            raise
        return caption
    if found := set(options.delete_token) & set(label.split()):
        raise DataError(f"the label has a token that is to be deleted: {min(found)}")
    return _ARRAY.sub(lambda match: match[1] + re.sub("[lr]", "c", match[2]), label) if options.use_only_c else label


if __name__ == "__main__":
    main()
