#!/bin/sh
# Installs Quarterhour into the folder venv beside this file, without a network.
cd "$(dirname "$0")" || exit 1
for python in "${PYTHON:-}" python@PYTHON@ python3 python; do
    if [ -n "$python" ] && "$python" -c \
        'import sys; sys.exit(sys.version_info[:2] != (@PYTHON_TUPLE@))' 2>/dev/null; then
        exec "$python" -I install.py "$@"
    fi
done
cat messages/no-python.txt
echo "Python @PYTHON@ was not found. Install it, or name it: PYTHON=/path/to/python sh install.sh" >&2
exit 1
