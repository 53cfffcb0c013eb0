#!/bin/sh
# sh run.sh STUDY: a study.toml, or the folder with one.
home=$(cd "$(dirname "$0")" && pwd) || exit 1
if [ ! -x "$home/venv/bin/python" ]; then
    cat "$home/messages/not-installed.txt"
    exit 1
fi
exec "$home/venv/bin/python" -I "$home/run.py" "$@"
