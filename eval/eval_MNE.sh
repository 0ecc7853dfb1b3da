#!/usr/bin/env bash
# Inference and scores on the MNE test sets; -h shows the options.
set -euo pipefail
here="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=eval/common.sh
source "$here/common.sh"

run_family MNE "$@"
