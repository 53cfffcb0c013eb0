# Sourced by demo.sh and test.sh: a virtual environment in .venv, made once, with the package in it.
# Needs Python 3.11 or newer with venv, and pip's access to a package index on the first run.

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

# prepare EXTRAS: install the package, editable, with these extras ("" or "[test]")
prepare() {
    if [ ! -x .venv/bin/python ]; then
        local python
        python=$(find_python)
        echo "making a virtual environment in .venv with $python"
        "$python" -m venv .venv || {
            rm -rf .venv
            echo "the virtual environment could not be made; on Debian and Ubuntu:" \
                "sudo apt-get install python3-venv" >&2
            exit 1
        }
    fi
    local wanted
    wanted="$1 $(cksum <pyproject.toml)"
    if [ "$(cat .venv/quarterhour-installed 2>/dev/null)" != "$wanted" ]; then
        echo "installing Quarterhour and its libraries into .venv"
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".$1"
        echo "$wanted" >.venv/quarterhour-installed
    fi
}
