# Sourced by demo.sh and test.sh: finds a Python 3.11 or newer, which does the rest.

find_python() {
    local name
    for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python3.14 python; do
        if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    echo "Python 3.11 or newer was not found; install it, or name it: PYTHON=/path/to/python $0" >&2
    exit 1
}
