"""Run a study and open its map: run.py STUDY, a study.toml or the folder with one."""

import argparse
import os
import subprocess
import sys
import webbrowser
from pathlib import Path


def stop(zh: str, en: str) -> None:
    """End with one sentence."""
    sys.exit(f"{zh}\n{en}")


def study_in(path: Path) -> Path:
    """The study file that is meant by a file or a folder."""
    if path.is_dir():
        studies = [path / "study.toml"] if (path / "study.toml").is_file() else []
        studies = studies or sorted(path.glob("*.toml"))
        if len(studies) != 1:
            found = "有多个" if studies else "没有"
            stop(
                f"{path} 中{found} .toml 研究文件，请拖入其中一个 study.toml",
                f"{path} holds {len(studies)} .toml files: drop one study.toml",
            )
        return studies[0]
    if not path.is_file():
        stop(f"找不到 {path}", f"{path} was not found")
    if path.suffix.lower() != ".toml":
        stop(
            f"{path.name} 不是研究文件；请拖入 study.toml，或它所在的文件夹",
            f"{path.name} is no study: drop a study.toml or the folder with one",
        )
    return path


def show(page: Path) -> None:
    """Open a page in the browser, where there is a desktop."""
    if os.name == "nt":
        os.startfile(page)  # noqa: S606 - as a double click does
    elif os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform == "darwin":
        webbrowser.open(page.as_uri())


def main() -> None:
    """Run the study, write into the folder out beside it, open the map."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("study", nargs="?", default="")
    words.add_argument("--no-open", action="store_true", help="do not open the map")
    options = words.parse_args()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    if not options.study:
        stop(
            "请把 study.toml（或它所在的文件夹）拖到 run.bat 上；Linux：sh run.sh 研究文件夹",
            "drop a study.toml, or the folder with one, onto run.bat; on Linux: sh run.sh FOLDER",
        )
    study = study_in(Path(options.study).resolve())
    out = study.parent / "out"
    print(f"{study}", flush=True)
    # -I: other programs' PYTHONPATH and PYTHONHOME, which some offices set for all, are left out
    command = [sys.executable, "-I", "-m", "quarterhour", "run", str(study), "--out", str(out)]
    if subprocess.run(command, check=False).returncode:
        stop(
            "未能完成，原因见上（以 error 开头的一行）",
            "not finished: see the line with error above",
        )
    # the map has another name where the older one could not be replaced
    page = max(out.glob("map*.html"), key=lambda path: path.stat().st_mtime)
    print(f"完成：{page}\ndone", flush=True)
    if not options.no_open:
        show(page)


if __name__ == "__main__":
    main()
