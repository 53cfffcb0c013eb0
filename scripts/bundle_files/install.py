"""Install Quarterhour from the wheels beside this file into the folder venv; no network."""

import argparse
import ctypes
import hashlib
import json
import os
import platform
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

HOME = Path(__file__).resolve().parent
STEPS = 5


def step(number: int, zh: str, en: str) -> None:
    """A line of progress."""
    print(f"[{number}/{STEPS}] {zh}  {en}", flush=True)


def stop(zh: str, en: str) -> None:
    """End with one sentence."""
    sys.exit(f"安装未完成：{zh}\nnot installed: {en}")


def check_machine(bundle: dict) -> None:
    """End unless this Python is the one that the wheels are for."""
    needed, found = bundle["python"], f"{sys.version_info[0]}.{sys.version_info[1]}"
    if found != needed:
        stop(f"需要 Python {needed}，当前为 {found}", f"needed is Python {needed}, this is {found}")
    system = sysconfig.get_platform()
    if system != bundle["system"]:
        stop(
            f"本安装包用于 {bundle['system']}，本机的 Python 为 {system}",
            f"this bundle is for {bundle['system']}, and this Python is for {system}",
        )
    libc, version = platform.libc_ver()
    least = bundle["glibc"]
    if least and (libc != "glibc" or [int(n) for n in version.split(".")[:2]] < least):
        needs = "glibc {}.{}".format(*least)
        stop(f"需要 {needs} 或更新，本机为 {libc} {version}", f"needed is {needs} or newer")
    longest = len(str(HOME)) + bundle["longest_path"]
    if os.name == "nt" and longest > 259:
        stop(
            f"文件夹路径过长（{len(str(HOME))} 个字符），请移到较短的路径，如 C:\\quarterhour",
            "the path of this folder is too long: move it to a short one such as C:\\quarterhour",
        )


def check_runtime() -> None:
    """End where Windows lacks the C++ runtime that numba's wheel takes from the system."""
    if os.name != "nt":
        return
    try:
        ctypes.WinDLL("msvcp140.dll")
    except OSError:
        stop(
            "缺少 Microsoft Visual C++ 2015–2022 运行库（x64），"
            "请从微软网站下载 vc_redist.x64.exe 安装",
            "the Microsoft Visual C++ 2015-2022 runtime is missing: install vc_redist.x64.exe",
        )


def check_files() -> None:
    """End unless every file is what SHA256SUMS.txt says."""
    lines = (HOME / "SHA256SUMS.txt").read_text(encoding="utf-8-sig").splitlines()
    for line in filter(None, lines):
        digest, _, name = line.partition("  ")
        path = HOME / name
        if not path.is_file():
            stop(f"缺少文件 {name}，请重新解压", f"{name} is missing: unpack the archive again")
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            stop(f"{name} 已损坏，请重新解压", f"{name} is damaged: unpack the archive again")


def quiet_environment() -> dict:
    """The environment without settings of other Pythons and of an office's pip."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "PYTHONUTF8": "1"}


def main() -> None:
    """Check, make the environment, install, run the demo."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--no-demo", action="store_true", help="do not run the demo at the end")
    options = words.parse_args()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    bundle = json.loads((HOME / "bundle.json").read_text(encoding="utf-8"))
    step(1, "检查本机的 Python", "checking this Python")
    check_machine(bundle)
    check_runtime()
    step(2, "核对安装文件", "checking the files")
    check_files()
    step(3, "建立 venv 文件夹", "making the folder venv")
    place = HOME / "venv"
    try:
        venv.EnvBuilder(clear=True, with_pip=True, symlinks=os.name != "nt").create(place)
    except (OSError, subprocess.CalledProcessError) as error:
        stop(
            f"无法建立 {place}（{error}）；Debian、Ubuntu 等请先安装 python3-venv",
            f"{place} cannot be made; on Debian and Ubuntu install python3-venv first",
        )
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    step(4, "安装，约需几分钟", "installing, some minutes")
    command = [str(python), "-m", "pip", "install", "--no-index", "--find-links", "wheels"]
    command += ["--quiet", "--disable-pip-version-check", f"quarterhour=={bundle['version']}"]
    if subprocess.run(command, check=False, cwd=HOME, env=quiet_environment()).returncode:
        stop("原因见上", "see above")
    if options.no_demo:
        step(5, "完成", "done")
        return
    step(5, "运行示例（首次需编译，约半分钟）", "running the demo")
    command = [str(python), "-I", "-m", "quarterhour", "demo", "--out", "demo"]
    if subprocess.run(command, check=False, cwd=HOME, env=quiet_environment()).returncode:
        stop("已安装，但示例未能运行，原因见上", "installed, but the demo failed: see above")
    print("安装完成：地图在 demo 文件夹的 map.html；使用方法见《使用说明.txt》")
    print("installed: see demo/map.html", flush=True)


if __name__ == "__main__":
    main()
