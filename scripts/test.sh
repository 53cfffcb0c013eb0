#!/usr/bin/env bash
# Run all tests from a bare clone: bash scripts/test.sh [arguments of pytest]
# Tests in a browser need Chromium, Chrome or Edge; without one they are skipped and say so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/env.sh
prepare "[test]"
export NO_COLOR=1
exec .venv/bin/python -m pytest "$@"
