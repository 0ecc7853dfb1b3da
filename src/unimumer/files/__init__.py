"""The ground floor: files read with the place of every error and written whole or not at all; archives and workers.

Archives are in `files.archive`, which is not loaded here: Python's readers of them take long to load.
"""

from unimumer.files.names import PICTURE_SUFFIXES, find_file, is_hidden, list_folder, picture_stem, slashed, walk
from unimumer.files.reading import (
    FileError,
    Place,
    parse_json,
    read_json,
    read_json_lines,
    read_lines,
    read_list,
    read_object,
    read_objects,
    read_table,
    read_text,
    readable,
    refuse_constant,
    refuse_repeated,
    sha256,
)
from unimumer.files.workers import spread
from unimumer.files.writing import check_free, replacing, standing, swap, write_bytes, write_json, write_text

__all__ = [
    "PICTURE_SUFFIXES",
    "FileError",
    "Place",
    "check_free",
    "find_file",
    "is_hidden",
    "list_folder",
    "parse_json",
    "picture_stem",
    "read_json",
    "read_json_lines",
    "read_lines",
    "read_list",
    "read_object",
    "read_objects",
    "read_table",
    "read_text",
    "readable",
    "refuse_constant",
    "refuse_repeated",
    "replacing",
    "sha256",
    "slashed",
    "spread",
    "standing",
    "swap",
    "walk",
    "write_bytes",
    "write_json",
    "write_text",
]
