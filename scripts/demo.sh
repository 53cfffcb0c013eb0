#!/usr/bin/env bash
# Run the demo from a bare clone: bash scripts/demo.sh
# Writes its results to out/demo, and its map (with a picture, where there is a browser) to maps/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/env.sh
if [ -x .venv/bin/quarterhour ]; then
    : # an environment made by test.sh serves as well
else
    prepare ""
fi
.venv/bin/quarterhour demo --out out/demo
mkdir -p maps
cp out/demo/map.html maps/demo.html
.venv/bin/python scripts/picture.py maps/demo.html maps/demo.png
echo "open maps/demo.html in a browser"
