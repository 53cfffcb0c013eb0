"""The offline bundle: all wheels that another computer needs, and programs that install and run.

The wheels here are made in the test, of a few lines each; nothing is downloaded. The Windows
programs are read, not run.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
import bundle

sys.path.pop(0)

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
WINDOWS = bundle.Target(platform="windows", python="3.12")
LINUX = bundle.Target(platform="linux", python="3.12")
PROGRAM = """\
import pathlib, sys
words = sys.argv[1:]
if words[0] == "run" and "bad" in pathlib.Path(words[1]).read_text():
    sys.exit("error: bad study")
out = pathlib.Path(words[words.index("--out") + 1])
out.mkdir(parents=True, exist_ok=True)
(out / "map.html").write_text(" ".join(words[:1]))
print(sys.flags.isolated, "PYTHONPATH" in sys.modules.get("os").environ)
"""
"""A stand-in for the package: it says what it was asked, and writes a map."""


def make_wheel(
    folder: Path, name: str, version: str = "1.0", *, tag: str = "py3-none-any",
    needs: tuple[str, ...] = (), files: dict[str, str] | None = None,
) -> Path:  # fmt: skip
    """A wheel with these requirements and files."""
    info = f"{name}-{version}.dist-info"
    content = {
        **(files or {f"{name}.py": ""}),
        f"{info}/METADATA": "\n".join(
            ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}",
             *(f"Requires-Dist: {need}" for need in needs), "", "Text: Requires-Dist: nothing"]
        ),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }  # fmt: skip
    content[f"{info}/RECORD"] = "".join(f"{key},,\n" for key in [*content, f"{info}/RECORD"])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for key, text in content.items():
            archive.writestr(key, text)
    return path


def make_all(folder: Path) -> list[bundle.Wheel]:
    make_wheel(folder, "quarterhour", "0.0.1", needs=("helper>=1",),
               files={"quarterhour/__main__.py": PROGRAM})  # fmt: skip
    make_wheel(folder, "helper", "1.5")
    return bundle.read_wheels(folder)


def unpacked(archive: Path, folder: Path) -> Path:
    # the modes are part of what is packed
    subprocess.run(["unzip", "-q", archive, "-d", folder], check=True)
    return next(iter(folder.iterdir()))


# --------------------------------------------------------------------------------- what is needed


def test_what_other_systems_need_is_seen(tmp_path: Path) -> None:
    make_wheel(tmp_path, "quarterhour", needs=("console", 'old; python_version < "3.12"'))
    make_wheel(
        tmp_path, "console",
        needs=('colour>=2; platform_system == "Windows"', 'shell; extra == "test"'),
    )  # fmt: skip
    wheels = bundle.read_wheels(tmp_path)
    assert bundle.lacking(wheels, LINUX) == []
    assert bundle.lacking(wheels, WINDOWS) == ["colour>=2"]
    assert bundle.lacking(wheels, bundle.Target(platform="linux", python="3.11")) == ["old"]
    make_wheel(tmp_path, "colour", "1.9")
    assert bundle.lacking(bundle.read_wheels(tmp_path), WINDOWS) == ["colour>=2"]
    make_wheel(tmp_path, "colour", "2.1")
    (tmp_path / "colour-1.9-py3-none-any.whl").unlink()
    assert bundle.lacking(bundle.read_wheels(tmp_path), WINDOWS) == []


def test_extras_that_are_asked_for_count(tmp_path: Path) -> None:
    make_wheel(tmp_path, "quarterhour", needs=("Some.Thing[fast]",))
    make_wheel(tmp_path, "some_thing", needs=('speed; extra == "fast"', 'rest; extra == "slow"'))
    assert bundle.lacking(bundle.read_wheels(tmp_path), LINUX) == ["speed"]


@pytest.mark.parametrize(
    ("tag", "windows", "linux"),
    [
        ("py3-none-any", True, True),
        ("cp312-cp312-win_amd64", True, False),
        ("cp311-abi3-win_amd64", True, False),
        ("cp311-cp311-win_amd64", False, False),
        ("cp312-cp312-win32", False, False),
        ("cp312-cp312-manylinux_2_28_x86_64", False, True),
        ("cp312-cp312-manylinux2014_x86_64", False, True),
        ("cp312-cp312-manylinux_2_35_x86_64", False, False),
        ("cp312-cp312-manylinux_2_17_aarch64", False, False),
    ],
)
def test_a_wheel_for_another_computer_does_not_count(
    tag: str, windows: bool, linux: bool, tmp_path: Path
) -> None:
    make_wheel(tmp_path, "quarterhour", tag=tag)
    wheels = bundle.read_wheels(tmp_path)
    assert (bundle.lacking(wheels, WINDOWS) == []) is windows
    assert (bundle.lacking(wheels, LINUX) == []) is linux


# ----------------------------------------------------------------------------------------- packing


@pytest.mark.parametrize("target", [WINDOWS, LINUX], ids=["windows", "linux"])
def test_the_zip_holds_everything_with_its_checksum(target: bundle.Target, tmp_path: Path) -> None:
    wheels = make_all(tmp_path / "wheels")
    path = bundle.write_bundle(wheels, target, tmp_path / "dist")
    assert path.name == f"quarterhour-0.0.1-{target.name}-py312.zip"
    home = unpacked(path, tmp_path / "here")
    assert home.name == path.stem
    names = {p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file()}
    programs = {"install.bat", "run.bat"} if target is WINDOWS else {"install.sh", "run.sh"}
    assert names == {
        "bundle.json", "SHA256SUMS.txt", "install.py", "run.py", "使用说明.txt", *programs,
        "messages/no-python.txt", "messages/not-installed.txt",
        "wheels/quarterhour-0.0.1-py3-none-any.whl", "wheels/helper-1.5-py3-none-any.whl",
    }  # fmt: skip
    lines = (home / "SHA256SUMS.txt").read_text("utf-8").splitlines()
    sums = {line.split("  ", 1)[1]: line.split("  ", 1)[0] for line in lines}
    assert sums.keys() == names - {"SHA256SUMS.txt"}
    for name, digest in sums.items():
        assert hashlib.sha256((home / name).read_bytes()).hexdigest() == digest
    guide = (home / "使用说明.txt").read_text("utf-8-sig")
    assert ("run.bat" in guide) is (target is WINDOWS)
    assert ("run.sh" in guide) is (target is LINUX)
    assert "[" not in guide
    for name in names:
        assert "@" not in (home / name).read_text("latin-1").replace("@echo", "").replace(
            '"$@"', ""
        ), name
    assert json.loads((home / "bundle.json").read_text())["python"] == "3.12"
    if target is LINUX:
        assert os.access(home / "install.sh", os.X_OK)
    again = bundle.write_bundle(wheels, target, tmp_path / "again")
    assert again.read_bytes() == path.read_bytes()


def windows_files(tmp_path: Path) -> dict[str, bytes]:
    path = bundle.write_bundle(make_all(tmp_path / "wheels"), WINDOWS, tmp_path)
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if not n.endswith(".whl")]
        return {name.split("/", 1)[1]: archive.read(name) for name in names}


@pytest.mark.parametrize("name", ["install.bat", "run.bat"])
def test_batch_files_are_such_as_every_console_reads(name: str, tmp_path: Path) -> None:
    content = windows_files(tmp_path)[name]
    text = content.decode("ascii")
    assert content.count(b"\n") == content.count(b"\r\n") > 20
    lines = [line.strip() for line in text.splitlines()]
    labels = {line[1:] for line in lines if re.fullmatch(r":\w+", line)}
    jumps = set(re.findall(r"\bgoto (\w+)", text)) | set(re.findall(r"\bcall :(\w+)", text))
    assert jumps == labels
    # every way out waits for a key, so that the window stays
    ends = [k for k, line in enumerate(lines) if re.match(r"exit /b (1|%QH_CODE%)$", line)]
    assert len(ends) == 2
    assert all(lines[k - 1] == "pause" for k in ends)
    # a folder or study with blanks or Chinese in its path is quoted wherever it is used
    assert '"%~dp0"' in text
    assert not re.search(r'[^"]%~f1', text.replace('"QH_STUDY=%~f1"', ""))
    assert "enabledelayedexpansion" not in text  # it would eat the ! of a path


def test_no_python_is_taken_without_a_look(tmp_path: Path) -> None:
    text = windows_files(tmp_path)["install.bat"].decode("ascii")
    for line in text.splitlines():
        if re.search(r"\b(python3?|py)\b", line.lower()) and "install.py" not in line:
            assert re.match(r"(if .* )?call :try |rem |echo Python |%\* -c |type ", line), line
    check = re.search(r'sys\.exit\((.*)\)"', text)
    assert check is not None
    assert "(3, 12)" in check[1]
    done = subprocess.run(
        [sys.executable, "-c", f"import struct, sys; sys.exit({check[1]})"], check=False
    )
    assert done.returncode == (HERE != "3.12")


def test_texts_can_be_read_on_a_chinese_windows(tmp_path: Path) -> None:
    files = windows_files(tmp_path)
    guide = files["使用说明.txt"]
    assert guide.startswith(b"\xef\xbb\xbf")
    assert guide.count(b"\n") == guide.count(b"\r\n")
    text = guide.decode("utf-8-sig")
    text.encode("gbk")
    assert "install.bat 和 run.bat 尚未在 Windows 上实际运行过" in text
    assert len(text.splitlines()) < 60
    for name in ("messages/no-python.txt", "messages/not-installed.txt"):
        assert not files[name].startswith(b"\xef\xbb\xbf")  # type would print it
        files[name].decode("utf-8").encode("gbk")
    for name in ("install.py", "run.py"):
        files[name].decode("utf-8").encode("gbk")


# ---------------------------------------------------------------------------- installing, for real


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("安装 here")
    target = bundle.Target(platform="linux", python=HERE)
    archive = bundle.write_bundle(make_all(folder / "w"), target, folder)
    home = unpacked(archive, folder / "a planner's folder")
    done = start(home / "install.sh", PIP_USER="1", PIP_INDEX_URL="https://example.invalid")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line[:5] for line in done.stdout.splitlines()[:5]] == [f"[{k}/5]" for k in range(1, 6)]
    return home


def start(*words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script with this Python; no display, so that no browser opens."""
    environment = {k: v for k, v in os.environ.items() if "DISPLAY" not in k}
    return subprocess.run(
        ["sh", *map(str, words)], capture_output=True, text=True, check=False,
        env={**environment, "PYTHON": sys.executable, "PYTHONPATH": "/nowhere", **more},
    )  # fmt: skip


needs_shell = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("unzip") is None,
    reason="the shell scripts are those of Linux",
)


@needs_shell
def test_the_demo_is_run_after_installing(installed: Path) -> None:
    assert (installed / "demo" / "map.html").read_text() == "demo"


@needs_shell
def test_a_study_or_its_folder_is_run_beside_itself(installed: Path, tmp_path: Path) -> None:
    study = tmp_path / "我的 研究" / "study.toml"
    study.parent.mkdir()
    study.write_text("")
    for given in (study, study.parent):
        done = start(installed / "run.sh", given)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[1:] == [
            "1 True",
            f"完成：{study.parent}/out/map.html",
            "done",
        ]
        shutil.rmtree(study.parent / "out")
    # several files, and none of them the usual name
    study.rename(study.with_name("a.toml"))
    assert start(installed / "run.sh", study.parent).returncode == 0
    study.with_name("b.toml").write_text("")
    done = start(installed / "run.sh", study.parent)
    assert done.returncode == 1
    assert "有多个 .toml 研究文件" in done.stderr


@needs_shell
def test_what_cannot_be_run_is_said(installed: Path, tmp_path: Path) -> None:
    table = tmp_path / "facilities.xlsx"
    table.write_text("")
    (tmp_path / "study.toml").write_text("bad")
    for words, sentence in [
        ([], "拖到 run.bat 上"),
        ([table], "facilities.xlsx 不是研究文件"),
        ([tmp_path / "no.toml"], "找不到"),
        ([installed], "没有 .toml 研究文件"),
        ([tmp_path], "error: bad study"),
    ]:
        done = start(installed / "run.sh", *words)
        assert done.returncode == 1
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr


@needs_shell
def test_what_does_not_fit_is_not_installed(tmp_path: Path) -> None:
    wheels = make_all(tmp_path / "w")
    target = bundle.Target(platform="linux", python=HERE)
    home = unpacked(bundle.write_bundle(wheels, target, tmp_path / "1"), tmp_path / "a")
    assert "尚未安装" in start(home / "run.sh").stdout
    wheel = next(iter((home / "wheels").glob("helper*")))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    done = start(home / "install.sh")
    assert "helper-1.5-py3-none-any.whl 已损坏，请重新解压" in done.stderr
    wheel.unlink()
    assert "缺少文件 wheels/helper" in start(home / "install.sh").stderr
    assert not (home / "venv").exists()
    # made for other computers
    other = unpacked(bundle.write_bundle(wheels, WINDOWS, tmp_path / "2"), tmp_path / "b")
    words = [sys.executable, str(other / "install.py")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "安装未完成" in done.stderr
    assert ("win-amd64" if HERE == "3.12" else "需要 Python 3.12") in done.stderr
    third = bundle.Target(platform="linux", python="3.8")
    old = unpacked(bundle.write_bundle(wheels, third, tmp_path / "3"), tmp_path / "c")
    done = start(old / "install.sh", PATH=f"{Path(sys.executable).parent}:/usr/bin:/bin")
    assert done.returncode == 1
    assert "没有找到 Python 3.8（64 位）" in done.stdout
