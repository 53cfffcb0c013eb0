#!/usr/bin/env bash
# Run the demo from a bare clone: bash scripts/demo.sh; see scripts/demo.py
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/env.sh
python=$(find_python)
exec "$python" scripts/demo.py "$@"
