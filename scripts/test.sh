#!/usr/bin/env bash
# Run all tests from a bare clone: bash scripts/test.sh [arguments of pytest]; see scripts/test.py
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/env.sh
python=$(find_python)
exec "$python" scripts/test.py "$@"
