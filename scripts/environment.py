"""The virtual environment of a clone: made once, refreshed when the package's needs change.

Standard library only, and readable for an older Python, which is then told what is needed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)
NAMES = ("python3", "python3.13", "python3.12", "python3.11", "python3.14", "python")
IS_NEW = f"import sys; sys.exit(sys.version_info < {OLDEST})"


def find_python() -> str:
    """The Python that `PYTHON` names, this one, or one of the search path: 3.11 or newer."""
    named = os.environ.get("PYTHON")
    if not named and sys.version_info >= OLDEST:
        return sys.executable
    for name in (named, *NAMES):
        path = shutil.which(name) if name else None
        if (
            path
            and subprocess.run([path, "-c", IS_NEW], capture_output=True, check=False).returncode
            == 0
        ):
            return path
    sys.exit("Python 3.11 or newer was not found; install it, or name it in the variable PYTHON")


def program(environment: Path, name: str) -> Path:
    """A program of an environment on this system: bin/name, or Scripts/name.exe on Windows."""
    if os.name == "nt":
        return environment / "Scripts" / f"{name}.exe"
    return environment / "bin" / name


def works(environment: Path) -> bool:
    """Whether the environment has a Python that still starts."""
    python = program(environment, "python")
    try:
        done = subprocess.run([str(python), "-c", IS_NEW], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def prepare(extras: str = "", *, root: Path = ROOT) -> Path:
    """Environment in `root`/.venv with the package, editable, and these extras ("" or "test").

    An environment that has more extras serves as well. It is refreshed when pyproject.toml has
    changed, and made anew when its Python has gone.
    """
    environment = root / ".venv"
    if not works(environment):
        python = find_python()
        print(f"making a virtual environment in .venv with {python}", flush=True)
        if subprocess.run(
            [python, "-m", "venv", "--clear", str(environment)], check=False
        ).returncode:
            shutil.rmtree(environment, ignore_errors=True)
            sys.exit(
                "the virtual environment could not be made; on Debian and Ubuntu:"
                " sudo apt-get install python3-venv"
            )
    stamp = environment / "quarterhour-installed"
    state = hashlib.sha256((root / "pyproject.toml").read_bytes()).hexdigest()
    has, _, of = stamp.read_text("utf-8").partition(" ") if stamp.exists() else ("", "", "")
    wanted = f"[{extras or has.strip('[]')}]"
    if (has, of) != (wanted, state):
        print("installing Quarterhour and its libraries into .venv", flush=True)
        what = "." if wanted == "[]" else f".{wanted}"
        command = [str(program(environment, "python")), "-m", "pip", "install", "--quiet",
                   "--disable-pip-version-check", "--editable", what]  # fmt: skip
        if subprocess.run(command, check=False, cwd=root).returncode:
            sys.exit(
                "installing failed; the first run needs pip's access to a package index: see above"
            )
        stamp.write_text(f"{wanted} {state}", encoding="utf-8")
    return environment
