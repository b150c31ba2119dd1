"""Long: submits a chain that is longer than anybody may draw, in the home that the environment names.

`python -m tests.bench.engine.long NODES` prints when it began (seconds since 1970) and the run's id.
"""

import os
import sys
import time

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder.settings")
    django.setup()
    from builder.accounts.administrators import ensure_administrator
    from builder.accounts.models import Workspace
    from builder.runs.submit_run import Order, submit_run
    from runtime.compiler.passes import inline
    from runtime.graph import parse
    from tests.bench.engine.graphs import nodes

    count = int(sys.argv[1])
    # What people may draw is bounded for people's sake; what a worker can run is asked here.
    parse.MAX_NODES = parse.MAX_EDGES = inline.MAX_EXPANDED = count + 10
    order = Order(
        Workspace.objects.earliest("created"), {"text": "hello"}, ensure_administrator(), graph=nodes(count)
    )
    begun = time.time()
    print(begun, submit_run(order).run.pk, flush=True)
    time.sleep(0.5)  # the wake-up goes by a thread


if __name__ == "__main__":
    main()
