"""24 hours of scripted trouble on one modem."""

import json
import os
import subprocess
import sys

from tests.faults.day import Held


def test_a_day_of_trouble_ends_as_it_began() -> None:
    """24 hours with a trouble in each: the books agree, the phones have what was accepted, and nothing has grown."""
    # What measures coverage keeps a little for every line that runs for the first time: it stays outside.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    days = subprocess.run(
        [sys.executable, "-m", "tests.faults.day"], capture_output=True, text=True, check=False, timeout=170, env=alone
    )
    assert days.returncode == 0, days.stderr[-4000:]
    before, after = (Held(*held) for held in json.loads(days.stdout))
    assert (after.threads, after.descriptors) == (before.threads, before.descriptors)
    # A day that kept one thing for each of its messages would keep 288 of them.
    assert after.objects - before.objects < 100
    assert after.blocks - before.blocks < 280
