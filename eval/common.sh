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

# unimumer_infer INPUT OUTPUT MODEL [BATCH_SIZE [--force]]: exit code as `unimumer infer`.
unimumer_infer() {
  "${PYTHON:-python3}" -m unimumer infer \
    --input-dir="$1" --output-dir="$2" --model="$3" --as-released ${4:+--batch-size="$4"} ${5:+"$5"}
}

family_usage() {
  cat <<USAGE
Usage: bash eval/${0##*/} [-i DIR] [-o DIR | -s NAME] [-m MODEL] [-b N] [--force]

Reads every picture named in the prompts files of $1 and scores the answers.

  -i, --input-dir DIR    prompts files, *.json  [$2]
  -o, --output-dir DIR   results                [$3]
  -s, --suffix NAME      name of the run: results go to $3_NAME
  -m, --model MODEL      nano, or a folder with a model  [nano]
  -b, --batch-size N     most pictures in one call of the model  [as unimumer infer]
      --force            begin afresh instead of going on with an earlier run
  -h, --help             show this

Run it from the folder that the paths of pictures in the prompts files start from.
PYTHON names the Python that has unimumer installed  [python3].
Exit code: 0 all done, 1 some pictures or files failed, 2 wrong use.
USAGE
}

# check_run_name NAME: ends the script for what cannot be part of a folder's name.
check_run_name() {
  case "$1" in
    . | .. | */*) wrong_use "-s is the name of a run, not a path: $1" ;;
  esac
}

# run_family FAMILY OPTIONS...: the body of each eval_<family>.sh.
run_family() {
  local family="$1" input="data/$1/prompts" results="data/$1/results" output='' name='' model=nano batch='' force=''
  shift
  while (($#)); do
    case "$1" in
      -h | --help) family_usage "$family" "$input" "$results" && exit 0 ;;
      -i | --input-dir | -o | --output-dir | -s | --suffix | -m | --model | -b | --batch-size | --batch_size)
        (($# > 1)) || wrong_use "$1 needs a value"
        ;;
      --force) force="$1" && shift && continue ;;
      *) wrong_use "unknown option $1" ;;
    esac
    case "$1" in
      -i | --input-dir) input="$2" ;;
      -o | --output-dir) output="$2" ;;
      -s | --suffix) name="$2" ;;
      -m | --model) model="$2" ;;
      *) batch="$2" ;;
    esac
    shift 2
  done
  [[ -z $output || -z $name ]] || wrong_use "give one of -o and -s"
  check_run_name "$name"
  unimumer_infer "$input" "${output:-$results${name:+_$name}}" "$model" "$batch" "$force"
}
