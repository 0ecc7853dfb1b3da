# Shared by the eval_*.sh beside it, which source it: one family of test sets through `unimumer infer`.
# shellcheck shell=bash

# The families, and where the released layout has them: data/<family>/prompts and data/<family>/results.
# shellcheck disable=SC2034  # for eval_all.sh
FAMILIES=(CROHME CROHME2023 HME100K MathWriting Im2LaTeXv2 MNE)

# Ends the script for wrong use.
wrong_use() {
  printf '%s: %s (-h shows the usage)\n' "${0##*/}" "$1" >&2
  exit 2
}

# unimumer_infer INPUT OUTPUT MODEL [BATCH_SIZE]: exit code as `unimumer infer`.
unimumer_infer() {
  "${PYTHON:-python3}" -m unimumer infer \
    --input-dir="$1" --output-dir="$2" --model="$3" --as-released ${4:+--batch-size="$4"}
}

family_usage() {
  cat <<USAGE
Usage: bash eval/${0##*/} [-i DIR] [-o DIR] [-m MODEL] [-b N]

Reads every picture named in the prompts files of $1 and scores the answers.

  -i, --input-dir DIR    prompts files, *.json  [$2]
  -o, --output-dir DIR   results                [$3]
  -m, --model MODEL      nano, or a folder with a model  [nano]
  -b, --batch-size N     most pictures in one call of the model  [as unimumer infer]
  -h, --help             show this

Run it from the folder that the paths of pictures in the prompts files start from.
PYTHON names the Python that has unimumer installed  [python3].
Exit code: 0 all done, 1 some pictures or files failed, 2 wrong use.
USAGE
}

# run_family FAMILY OPTIONS...: the body of each eval_<family>.sh.
run_family() {
  local family="$1" input="data/$1/prompts" output="data/$1/results" model=nano batch=
  shift
  while (($#)); do
    case "$1" in
      -h | --help) family_usage "$family" "$input" "$output" && exit 0 ;;
      -i | --input-dir | -o | --output-dir | -m | --model | -b | --batch-size | --batch_size)
        (($# > 1)) || wrong_use "$1 needs a value"
        ;;
      *) wrong_use "unknown option $1" ;;
    esac
    case "$1" in
      -i | --input-dir) input="$2" ;;
      -o | --output-dir) output="$2" ;;
      -m | --model) model="$2" ;;
      *) batch="$2" ;;
    esac
    shift 2
  done
  unimumer_infer "$input" "$output" "$model" "$batch"
}
