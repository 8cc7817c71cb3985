"""Run every test; say in one line which could not run here, and how to get them."""

import os
import shutil
import sys

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


# Tests wait for sockets, threads and Postgres about half of their time.
WORKERS_PER_CORE = 2


def main() -> int:
    workers = WORKERS_PER_CORE * (os.cpu_count() or 1)
    args = ["-n", str(workers), *sys.argv[1:]]
    has_browser = any(shutil.which(name) for name in BROWSERS)
    if not has_browser:
        args += ["-m", "not browser"]
    code = pytest.main(args)
    if not has_browser:
        print(
            "The browser tests did not run: no Chromium found. "
            "Install it, e.g. with `apt-get install chromium`."
        )
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main())
