#!/usr/bin/env bash
# Inference and scores on all the test sets that are present; -h shows the options.
set -euo pipefail
here="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=eval/common.sh
source "$here/common.sh"

usage() {
  cat <<USAGE
Usage: bash eval/eval_all.sh [-m MODEL] [-s NAME] [-b N] [--force]

Runs every family of test sets whose data/<family>/prompts holds prompts files: ${FAMILIES[*]}.

  -m, --model MODEL      nano, or a folder with a model  [nano]
  -s, --suffix NAME      name of the run: results go to data/<family>/results_NAME  [data/<family>/results]
  -b, --batch-size N     most pictures in one call of the model  [as unimumer infer]
      --force            begin afresh instead of going on with an earlier run
  -h, --help             show this

Run it from the folder that holds data/. PYTHON names the Python that has unimumer installed  [python3].
Exit code: 0 all done, 1 some pictures, files or families failed, 2 wrong use or nothing to run.
USAGE
}

model=nano batch='' name='' force=''
while (($#)); do
  case "$1" in
    -h | --help) usage && exit 0 ;;
    -m | --model | -s | --suffix | -b | --batch-size | --batch_size)
      (($# > 1)) || wrong_use "$1 needs a value"
      ;;
    --force) force="$1" && shift && continue ;;
    *) wrong_use "unknown option $1" ;;
  esac
  case "$1" in
    -m | --model) model="$2" ;;
    -s | --suffix) name="$2" ;;
    *) batch="$2" ;;
  esac
  shift 2
done
check_run_name "$name"

ran=0 failed=0
for family in "${FAMILIES[@]}"; do
  if ! compgen -G "data/$family/prompts/*.json" >/dev/null; then
    printf 'not present: data/%s/prompts/*.json\n' "$family" >&2
    continue
  fi
  printf '== %s\n' "$family"
  ran=$((ran + 1))
  unimumer_infer "data/$family/prompts" "data/$family/results${name:+_$name}" "$model" "$batch" "$force" || {
    code=$?
    # Wrong use, a model that does not exist say, is wrong for all of them.
    ((code != 2)) || exit 2
    failed=$((failed + 1))
    printf 'failed: %s\n' "$family" >&2
  }
done
((ran)) || wrong_use "no prompts files under data/; run it from the folder that holds data/"
((failed == 0)) || exit 1
