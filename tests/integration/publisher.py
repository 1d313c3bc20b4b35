"""A process that publishes when it is told to, for being killed meanwhile. Its one argument is the database."""

import json
import sys

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor
from crm_app.services.definitions import publish
from crm_app.services.workspace import Workspace


def main() -> None:
    workspace = Workspace.open(sys.argv[1], pool_size=1)
    body = json.loads(sys.stdin.readline())
    package = load_package({"objects": {"objects/it.json": body}})
    with workspace.work(SystemActor("killed")) as work:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        publish(work, package)
    sys.stdout.write("done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
