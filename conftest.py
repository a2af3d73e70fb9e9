"""Rules for every test run, notebooks alone included: their time, and that CI skips nothing."""

import os

import pytest


def pytest_collection_modifyitems(items):
    """A cell may train for a minute; on a busy machine that takes several."""
    for item in items:
        if item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.timeout(600))


def skipped_in_ci(config) -> list:
    """The reports of skipped tests where that is not allowed."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or os.environ.get("CI", "").lower() not in ("1", "true"):
        return []
    return reporter.stats.get("skipped", [])


def pytest_sessionfinish(session):
    if session.exitstatus == pytest.ExitCode.OK and skipped_in_ci(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    count = len(skipped_in_ci(config))
    if count:
        terminalreporter.write_line(f"CI is set, so a skipped test counts as failed: {count}.")
