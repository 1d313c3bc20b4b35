"""`./trellis prove kills`: changes come in over REST while parts of the product are ended with `kill -9` at random
moments, in whatever state they are. Afterwards every change has had exactly what it should, or this says what is lost,
double, stuck.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.kills.proof import Proof, prove


def told(report: dict[str, Any]) -> str:
    kills = ", ".join(f"{name} {count}" for name, count in sorted(report["kills"].items()))
    return (
        f"{sum(report['kills'].values())} kills ({kills}), seed {report['seed']}, {report['seconds']} s.\n"
        f"{report['acknowledged']} of {report['events']} changes acknowledged after {report['requests']} requests: "
        f"{report['runs']} runs, {report['effects']} effects, {report['tasks']} tasks.\n"
        f"Lost: {report['lost']}. Double: {report['double']}. Otherwise wrong: {report['wrong']}. "
        f"{report['restarted']} runs were lost or stalled in Temporal and started again.\n"
        f"Longest run: {report['longest']} s; while everything worked {report['longest_while_all_worked']} s; "
        f"after the last kill {report['longest_after_the_last_kill']} s.\n"
        f"{'Exact' if report['is_exact'] else 'NOT EXACT'}, {'STUCK' if report['is_stuck'] else 'nothing stuck'}."
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="./trellis prove kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=2.25, help="seconds between kills, on average")
    parser.add_argument("--forget-temporal", action="store_true", help="delete Temporal's database half-way, too")
    parser.add_argument("--folder", type=Path, help="keeps everything there; the same command goes on where it stopped")
    parser.add_argument("--json", type=Path, help="writes the report there")
    asked = vars(parser.parse_args())
    given, report_file = asked.pop("folder"), asked.pop("json")
    folder: Path = given or Path(tempfile.mkdtemp(prefix="trellis-kills-"))
    folder.mkdir(parents=True, exist_ok=True)
    report = prove(Proof.of(folder, asked), folder)
    is_proven = report["is_exact"] and not report["is_stuck"]
    print(f"\n{told(report)}")
    for each in (*report["first_wrong"], *report["refused"]):
        print(f"  {each}")
    if report_file:
        report_file.write_text(json.dumps(report, indent=1) + "\n")
    if is_proven and given is None:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"Data and logs are kept in {folder}.")
    return 0 if is_proven else 1


if __name__ == "__main__":
    sys.exit(main())
