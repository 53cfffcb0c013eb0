"""The scripts that a visitor of a bare clone runs: an environment made once, and not left stale.

They are run on a small project whose build needs nothing, so that no index is asked.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = '''\
"""Builds a wheel of one module by hand."""
import zipfile

PROGRAM = """
import pathlib, shutil, sys
if "fail" in sys.argv:
    sys.exit(3)
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
out.mkdir(parents=True, exist_ok=True)
(out / "map.html").write_text(" ".join(sys.argv[1:]))
"""
MODULES = {
    "small.py": "def main():\\n    exec(PROGRAM)\\nPROGRAM = " + repr(PROGRAM),
    "pytest.py": "import os, sys\\nprint('tests', *sys.argv[1:], os.environ['NO_COLOR'])\\n"
    "sys.exit(5 if 'fail' in sys.argv else 0)",
}

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    open("builds.txt", "a").write("x")
    info = "small-1.0.dist-info"
    content = {
        **MODULES,
        info + "/METADATA": "Metadata-Version: 2.1\\nName: small\\nVersion: 1.0\\n"
        "Provides-Extra: test\\n",
        info + "/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        info + "/entry_points.txt": "[console_scripts]\\nquarterhour = small:main\\n",
    }
    content[info + "/RECORD"] = "".join(name + ",,\\n" for name in [*content, info + "/RECORD"])
    name = "small-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel_directory + "/" + name, "w") as archive:
        for key, text in content.items():
            archive.writestr(key, text)
    return name

build_editable = build_wheel
'''


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with the real scripts and a small project; its path has blanks and Chinese."""
    root = tmp_path_factory.mktemp("a 克隆")
    (root / "scripts").mkdir()
    for name in ("demo.py", "test.py", "environment.py", "env.sh", "demo.sh", "test.sh"):
        shutil.copy(ROOT / "scripts" / name, root / "scripts" / name)
    (root / "scripts" / "picture.py").write_text("import sys\nprint('picture of', sys.argv[1])\n")
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "backend.py").write_text(BACKEND, encoding="utf-8")
    return root


def run(clone: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run from another folder, as a visitor may."""
    return subprocess.run(
        words, capture_output=True, text=True, check=False, cwd=clone.parent,
        env={**os.environ, **more},
    )  # fmt: skip


def builds(clone: Path) -> int:
    return len((clone / "builds.txt").read_text())


def test_an_environment_is_made_once_and_refreshed_when_needs_change(clone: Path) -> None:
    demo, test = (str(clone / "scripts" / name) for name in ("demo.py", "test.py"))
    done = run(clone, sys.executable, demo)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        f"making a virtual environment in .venv with {sys.executable}",
        "installing Quarterhour and its libraries into .venv",
        "picture of maps/demo.html",
        "open maps/demo.html in a browser",
    ]
    assert (clone / "maps" / "demo.html").read_text() == "demo --out out/demo"
    # a second time nothing is made
    done = run(clone, sys.executable, demo, "--threads", "2")
    assert done.stdout.splitlines()[0] == "picture of maps/demo.html"
    assert (clone / "maps" / "demo.html").read_text() == "demo --out out/demo --threads 2"
    assert builds(clone) == 1
    # the tests need more, and what they need serves the demo
    done = run(clone, sys.executable, test, "-q", "a b")
    assert done.stdout.splitlines()[-1] == "tests -q a b 1"
    assert builds(clone) == 2
    run(clone, sys.executable, demo)
    assert builds(clone) == 2
    # needs that have changed since
    (clone / "pyproject.toml").write_text(PROJECT + "# another\n")
    done = run(clone, sys.executable, demo)
    assert done.stdout.splitlines()[0].startswith("installing")
    run(clone, sys.executable, test)
    assert builds(clone) == 3


def test_the_exit_code_is_that_of_the_program(clone: Path) -> None:
    page = clone / "maps" / "demo.html"
    kept = page.read_bytes() if page.exists() else None
    assert run(clone, sys.executable, str(clone / "scripts" / "demo.py"), "fail").returncode == 3
    assert run(clone, sys.executable, str(clone / "scripts" / "test.py"), "fail").returncode == 5
    assert (page.read_bytes() if page.exists() else None) == kept


def test_an_environment_whose_python_has_gone_is_made_anew(clone: Path) -> None:
    folder = clone / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    for program in folder.glob("python*"):
        program.unlink()
    done = run(clone, sys.executable, str(clone / "scripts" / "test.py"))
    assert done.stdout.splitlines()[0].startswith("making a virtual environment")
    assert done.returncode == 0


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_the_shell_scripts_hand_over(clone: Path) -> None:
    done = run(clone, "bash", str(clone / "scripts" / "test.sh"), "-q", PYTHON=sys.executable)
    assert done.stdout.splitlines()[-1] == "tests -q 1"
    done = run(clone, "bash", str(clone / "scripts" / "demo.sh"), PYTHON="/no/python")
    assert done.stdout.splitlines()[-1] == "open maps/demo.html in a browser"
    assert run(clone, "bash", str(clone / "scripts" / "demo.sh"), "fail").returncode == 3


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_without_a_new_python_there_is_one_sentence(clone: Path, tmp_path: Path) -> None:
    # a search path with the few programs that the script uses, and with an old Python
    for name in ("bash", "dirname"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = run(clone, str(tmp_path / "bash"), str(clone / "scripts" / "demo.sh"),
               PATH=str(tmp_path), PYTHON="")  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("Python 3.11 or newer was not found; install it, or name it")


def test_installing_that_fails_is_said_and_tried_again(clone: Path) -> None:
    (clone / "pyproject.toml").write_text(PROJECT.replace("backend", "nothing"))
    words = [sys.executable, str(clone / "scripts" / "demo.py")]
    for _ in range(2):
        done = run(clone, *words)
        assert done.returncode == 1
        assert "installing failed; the first run needs pip's access" in done.stderr
        assert "Traceback" not in done.stderr.rsplit("installing failed", 1)[-1]
    (clone / "pyproject.toml").write_text(PROJECT)
    assert run(clone, *words).returncode == 0


@pytest.mark.parametrize("name", ["demo.py", "test.py", "environment.py"])
def test_the_first_programs_need_the_standard_library_only(name: str) -> None:
    # an older Python must be able to read them, to say which one is needed
    tree = ast.parse((ROOT / "scripts" / name).read_text("utf-8"), feature_version=(3, 8))
    found = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    found |= {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert found <= {*sys.stdlib_module_names, "environment"}
