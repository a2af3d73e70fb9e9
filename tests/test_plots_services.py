"""The figure and the table of notebook 08 show what the registry and the comparison say."""

import dataclasses
import datetime

import matplotlib.dates as dates
import pytest

from tripkit.core.messages import LANGUAGES
from tripkit.course.comparison import claims
from tripkit.course.plots import claims_table, lifelines
from tripkit.course.plots.services import state_on
from tripkit.services.registry import load_services

DAY = datetime.date(2026, 11, 23)


def test_a_bar_goes_from_release_to_end_or_to_the_day():
    services = [each for each in load_services() if each.kind == "image"]
    figure = lifelines(services, DAY)
    (axes,) = figure.axes
    known = sorted((s for s in services if s.released), key=lambda s: s.released)
    assert [label.get_text() for label in axes.get_yticklabels()] == [s.id for s in known]
    bars = {round(p.get_y() + p.get_height() / 2): p for p in axes.patches}
    for number, service in enumerate(known):
        start = dates.date2num(service.released)
        end = dates.date2num(service.shutdown or DAY)
        assert bars[number].get_x() == pytest.approx(start)
        assert bars[number].get_width() == pytest.approx(end - start)


def test_a_model_ends_on_its_day():
    service = next(s for s in load_services() if s.shutdown)
    before = service.shutdown - datetime.timedelta(days=1)
    assert state_on(service, before) == "end announced"
    assert state_on(service, service.shutdown) == "ended"
    assert state_on(dataclasses.replace(service, shutdown=None), before) == "alive"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_claim_stands_in_the_table_as_text(language):
    rows = claims(section="2.2")
    attack = dataclasses.replace(rows[0], said={language: "<script>alert(1)</script>"})
    markup = claims_table([attack, *rows[1:]], language).data
    assert "<script" not in markup and "&lt;script&gt;" in markup
    assert markup.count("<tr>") == len(rows) + 1
    for claim in rows[1:]:
        assert claim.verdict_in(language) in markup and str(claim.verified) in markup
