"""Rules for every test run, notebooks alone included: their time, fonts, and what CI may skip."""

import os
import re
import signal
import sys

import pytest

# What an environment of `python run.py test --matrix`, or another system, may skip: the reason.
MAY_SKIP = {
    "no-chromium": "no Chromium on this machine",
    "win32": "POSIX|not on this machine",
    "darwin": "not on this machine",
}


def pytest_collection_modifyitems(items):
    """A cell may train for a minute; on a busy machine that takes several.

    Files that take long come first, so that no worker is left with one at the end.
    """
    for item in items:
        if item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.timeout(600))
    long = {item.path for item in items if takes_long(item)}
    items.sort(key=lambda item: item.path not in long)


def takes_long(item) -> bool:
    """Whether it is a notebook's cell, or marked as slow."""
    return item.path.suffix == ".ipynb" or item.get_closest_marker("slow") is not None


def skipped_in_ci(config) -> list:
    """The reports of skipped tests where that is not allowed."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or os.environ.get("CI", "").lower() not in ("1", "true"):
        return []
    return [report for report in reporter.stats.get("skipped", []) if not may_skip(report)]


def may_skip(report) -> bool:
    """Whether the reason is one that this environment, or this system, is known for."""
    known = (os.environ.get("TRIPKIT_MATRIX"), sys.platform)
    reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else ""
    return any(name in MAY_SKIP and re.search(MAY_SKIP[name], reason) for name in known)


def pytest_configure(config):
    """Ctrl+C works in what tests start, and the fonts are listed before the first notebook runs.

    A job in a shell's background ignores Ctrl+C, and so would its children. A kernel that had to
    list the fonts first would say so in the first notebook's output.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("nbval", default=False):
        import matplotlib.font_manager  # noqa: F401  (keeps the list in a file)


def pytest_sessionfinish(session):
    if session.exitstatus == pytest.ExitCode.OK and skipped_in_ci(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    count = len(skipped_in_ci(config))
    if count:
        terminalreporter.write_line(f"CI is set, so a skipped test counts as failed: {count}.")
