"""Make an offline bundle: python scripts/bundle.py --platform windows --python 3.12 --out dist/

The zip holds a wheel of everything, programs that install and run it without a network, and a guide
in Chinese. Needs pip's access to a package index; run it with the environment of the package
(.venv), which has the library packaging. The Python that the planner needs is not in the zip.
"""

from __future__ import annotations

import argparse
import email.parser
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
FILES = ROOT / "scripts" / "bundle_files"
NOT_TRIED = (
    "install.bat and run.bat have not been run on Windows; their commands were tried in the cmd of"
    " Wine 8, with a stand-in for Python"
)
GLIBC = (2, 28)
"""Oldest C library of the Linux bundle, that of CentOS 8 and of distributions after it."""

MANYLINUX = [f"manylinux_2_{minor}_x86_64" for minor in range(GLIBC[1], 4, -1)]
MANYLINUX += ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"]
CRLF = (".bat", ".txt")
WHEN = (2020, 1, 1, 0, 0, 0)
"""Time of every file in a zip, so that the same files make the same bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A computer that the bundle is for: `platform` windows or linux, `python` such as 3.12."""

    platform: str
    python: str

    @property
    def pair(self) -> tuple[int, int]:
        """Major and minor version of Python."""
        major, minor = self.python.split(".")
        return int(major), int(minor)

    @property
    def name(self) -> str:
        """In the name of the zip."""
        return {"windows": "windows-x64", "linux": "linux-x86_64"}[self.platform]

    @property
    def system(self) -> str:
        """As `sysconfig.get_platform` says it there."""
        return {"windows": "win-amd64", "linux": "linux-x86_64"}[self.platform]

    @property
    def platforms(self) -> list[str]:
        """Platforms of wheels that it can use, best first."""
        return ["win_amd64"] if self.platform == "windows" else MANYLINUX

    def tags(self) -> set[Tag]:
        """Tags of wheels that it can use."""
        interpreter = "cp{}{}".format(*self.pair)
        return {
            *cpython_tags(self.pair, platforms=self.platforms),
            *compatible_tags(self.pair, interpreter, self.platforms),
        }

    def environment(self) -> dict[str, str]:
        """What the markers of requirements mean there; pip uses those of the machine it runs on."""
        windows = self.platform == "windows"
        return {
            "implementation_name": "cpython", "implementation_version": f"{self.python}.0",
            "os_name": "nt" if windows else "posix",
            "platform_machine": "AMD64" if windows else "x86_64",
            "platform_python_implementation": "CPython", "platform_release": "",
            "platform_system": "Windows" if windows else "Linux", "platform_version": "",
            "python_full_version": f"{self.python}.0", "python_version": self.python,
            "sys_platform": "win32" if windows else "linux",
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A wheel file with what it needs; `longest`: characters of its longest path."""

    path: Path
    name: str
    version: str
    tags: frozenset[Tag]
    requires: tuple[Requirement, ...]
    longest: int


def read_wheels(folder: Path) -> list[Wheel]:
    """All wheels of a folder, by name."""
    wheels = []
    for path in sorted(folder.glob("*.whl")):
        name, version, _, tags = parse_wheel_filename(path.name)
        with zipfile.ZipFile(path) as archive:
            inside = archive.namelist()
            meta = next(
                n for n in inside if n.count("/") == 1 and n.endswith(".dist-info/METADATA")
            )
            text = archive.read(meta).decode("utf-8")
        needs = email.parser.Parser().parsestr(text, headersonly=True).get_all("Requires-Dist", [])
        wheels.append(
            Wheel(
                path=path, name=name, version=str(version), tags=frozenset(tags),
                requires=tuple(map(Requirement, needs)), longest=max(map(len, inside)),
            )
        )  # fmt: skip
    return wheels


def lacking(wheels: list[Wheel], target: Target, wanted: str = "quarterhour") -> list[str]:
    """Requirements, on `target`, of `wanted` and all that it needs, which no wheel here meets."""
    by_name: dict[str, Wheel] = {}
    tags = target.tags()
    for wheel in wheels:
        if wheel.tags & tags:
            by_name[wheel.name] = wheel
    missing: dict[str, None] = {}
    seen: set[tuple[str, str]] = set()
    todo = [Requirement(wanted)]
    while todo:
        need = todo.pop(0)
        wheel_of = by_name.get(canonicalize_name(need.name))
        if wheel_of is None or not need.specifier.contains(wheel_of.version, prereleases=True):
            missing[f"{need.name}{need.specifier}"] = None
            continue
        for extra in ("", *sorted(need.extras)):
            if (wheel_of.name, extra) in seen:
                continue
            seen.add((wheel_of.name, extra))
            where = {**target.environment(), "extra": extra}
            todo += [r for r in wheel_of.requires if r.marker is None or r.marker.evaluate(where)]
    return list(missing)


def own_wheel(folder: Path) -> Path:
    """The package's wheel in `folder`, built from a copy, so that the clone stays as it is."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place)
        for name in ("coverage", "data"):
            skip = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(ROOT / name, copy / name, ignore=skip)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copyfile(ROOT / name, copy / name)
        _pip("wheel", "--quiet", "--no-deps", "-w", str(folder), str(copy))
    return next(iter(folder.glob("quarterhour-*.whl")))


def download(wanted: list[str], folder: Path, target: Target) -> None:
    """Wheels of `wanted` and of what they need into `folder`, none of them built here."""
    _pip("download", "--quiet", "--dest", str(folder), "--find-links", str(folder),
         *_choice(target), *wanted)  # fmt: skip


def _choice(target: Target) -> list[str]:
    words = ["--only-binary=:all:", "--implementation", "cp", "--python-version", target.python]
    for platform in target.platforms:
        words += ["--platform", platform]
    return words


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", *words, "--disable-pip-version-check"]
    if subprocess.run(command, check=False).returncode:
        sys.exit(
            f"pip {words[0]} failed, see above; needed are a package index and a wheel of each"
            " library for that platform and Python"
        )


def write_bundle(wheels: list[Wheel], target: Target, out: Path) -> Path:
    """The zip in `out`; the same wheels make the same bytes."""
    version = next(wheel.version for wheel in wheels if wheel.name == "quarterhour")
    name = f"quarterhour-{version}-{target.name}-py{target.python.replace('.', '')}"
    contents = {f"wheels/{wheel.path.name}": wheel.path.read_bytes() for wheel in wheels}
    size_mb = sum(map(len, contents.values())) // 1_000_000
    contents |= _programs(target, version, size_mb)
    windows_path = len("\\venv\\Lib\\site-packages\\") + max(wheel.longest for wheel in wheels)
    facts = {
        "version": version, "python": target.python, "system": target.system,
        "glibc": list(GLIBC) if target.platform == "linux" else None,
        "longest_path": windows_path,
    }  # fmt: skip
    contents["bundle.json"] = (json.dumps(facts, indent=1) + "\n").encode()
    sums = "".join(f"{hashlib.sha256(contents[k]).hexdigest()}  {k}\n" for k in sorted(contents))
    contents["SHA256SUMS.txt"] = sums.encode()
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{name}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for key in sorted(contents):
            info = zipfile.ZipInfo(f"{name}/{key}", WHEN)
            # wheels are compressed already; the mode lets the shell scripts be run
            wheel = key.endswith(".whl")
            info.compress_type = zipfile.ZIP_STORED if wheel else zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = (0o100755 if key.endswith(".sh") else 0o100644) << 16
            archive.writestr(info, contents[key])
    return path


def _programs(target: Target, version: str, size_mb: int) -> dict[str, bytes]:
    """The programs, messages and the guide of a platform, as that platform writes text."""
    windows = target.platform == "windows"
    words = {
        "@PYTHON@": target.python,
        "@PYTHON_TUPLE@": "{}, {}".format(*target.pair),
        "@VERSION@": version,
        # unpacked wheels are some four times as large, and the zip itself stays beside them
        "@DISK@": f"{-(-size_mb * 6 // 1000)} GB",
    }
    mine, others = ("[windows]", "[linux]") if windows else ("[linux]", "[windows]")
    contents = {}
    for path in sorted(FILES.rglob("*")):
        name = path.relative_to(FILES).as_posix()
        foreign = ".sh" if windows else ".bat"
        if path.is_dir() or path.suffix in {foreign, ".pyc"}:
            continue
        lines = path.read_text("utf-8").splitlines(keepends=True)
        text = "".join(line.removeprefix(mine) for line in lines if not line.startswith(others))
        for mark, word in words.items():
            text = text.replace(mark, word)
        if windows and path.suffix in CRLF:
            text = text.replace("\n", "\r\n")
        # Notepad knows UTF-8 by its mark; a console shows the mark, so that messages have none
        guide = path.suffix == ".txt" and path.parent == FILES
        contents[name] = text.encode("ascii" if path.suffix == ".bat" else "utf-8")
        if guide:
            contents[name] = text.encode("utf-8-sig")
    return contents


def steps(target: Target, out: Path) -> Iterator[str]:
    """Make a bundle, with a line for each step."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        yield "building the wheel of Quarterhour"
        own = own_wheel(folder)
        yield f"downloading wheels for {target.name}, Python {target.python}"
        download([str(own)], folder, target)
        # pip resolves for the machine it runs on: colorama, which others need on Windows only, is
        # missing when this runs on Linux
        while missing := lacking(read_wheels(folder), target):
            yield f"downloading what only {target.platform} needs: {', '.join(missing)}"
            download(missing, folder, target)
        wheels = read_wheels(folder)
        foreign = [wheel.path.name for wheel in wheels if not wheel.tags & target.tags()]
        if foreign:
            sys.exit(f"not for {target.name}: {', '.join(foreign)}")
        yield f"checking that {len(wheels)} wheels need nothing else"
        _pip("install", "--quiet", "--dry-run", "--no-index", "--find-links", str(folder),
             "--target", str(folder / "nowhere"), *_choice(target), "quarterhour")  # fmt: skip
        yield "packing"
        path = write_bundle(wheels, target, out)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    Path(f"{path}.sha256").write_text(f"{digest}  {path.name}\n", encoding="ascii", newline="\n")
    yield f"{path}  {path.stat().st_size / 1e6:.0f} MB  sha256 {digest}"
    yield "the planner's computer needs its own Python " + target.python + " (64-bit)"
    if target.platform == "windows":
        yield NOT_TRIED


def main() -> None:
    """Read the choices and say each step."""
    words = argparse.ArgumentParser(description="Make an offline bundle of Quarterhour.")
    words.add_argument("--platform", choices=("windows", "linux"), required=True)
    words.add_argument("--python", default="3.12", help="version of the planner's Python")
    words.add_argument("--out", type=Path, default=Path("dist"))
    options = words.parse_args()
    for line in steps(Target(platform=options.platform, python=options.python), options.out):
        print(line, flush=True)


if __name__ == "__main__":
    main()
