"""Run all tests from a bare clone, on any system: python scripts/test.py [arguments of pytest].

Tests in a browser need Chromium, Chrome or Edge; without one they are skipped and say so.
"""

from __future__ import annotations

import os
import subprocess
import sys

from environment import ROOT, prepare, program


def main() -> None:
    """Prepare the environment and hand over to pytest."""
    python = program(prepare("test"), "python")
    words = [str(python), "-m", "pytest", *sys.argv[1:]]
    sys.exit(
        subprocess.run(words, check=False, cwd=ROOT, env={**os.environ, "NO_COLOR": "1"}).returncode
    )


if __name__ == "__main__":
    main()
