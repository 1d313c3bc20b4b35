"""The import of 10,000 lines: a CSV file of contacts whose companies are found by their names."""

import csv
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import words
from benchmarks.by_door import ByDoor
from benchmarks.by_hand import ByHand
from benchmarks.samples import Samples
from benchmarks.scene import Scene

LINES = 10_000
ROUNDS = 3


def measure_import(scene: Scene, samples: Samples, lines: int = LINES) -> dict[str, Any]:
    """Every round imports lines that nobody has seen before."""
    hand, door = ByHand(scene.url, samples), ByDoor(scene.url, samples, scene.actor())
    found: dict[str, list[float]] = {"hand": [], "door": []}
    try:
        with tempfile.TemporaryDirectory() as folder:
            for round_number in range(ROUNDS):
                for name, work in (("hand", hand.import_lines), ("door", door.import_lines)):
                    file = _write(Path(folder), f"{name}{round_number}{time.time_ns()}", lines)
                    began = time.perf_counter()
                    work(file)
                    found[name].append(time.perf_counter() - began)
    finally:
        hand.close()
        door.close()
    medians = {f"{name}_seconds": round(statistics.median(seconds), 3) for name, seconds in found.items()}
    ratio = round(medians["door_seconds"] / medians["hand_seconds"], 2)
    return {"lines": lines, **medians, "best_door_seconds": round(min(found["door"]), 3), "door_to_hand": ratio}


def _write(folder: Path, mark: str, lines: int) -> Path:
    dice = random.Random(3)
    file = folder / "contacts.csv"
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["name", "job_title", "company", "email", "phone", "role"])
        for number in range(lines):
            first, last = dice.choice(words.GIVEN), dice.choice(words.FAMILY)
            company = f"{dice.choice(words.FIRST)} {dice.choice(words.SECOND)} {dice.choice(words.KINDS)}"
            writer.writerow(
                (
                    *(f"{first} {last}", dice.choice(words.TITLES), company),
                    *(f"{first}.{number}.{mark}@example.com".lower(), f"+1 555 {number:07}", dice.choice(words.ROLES)),
                )
            )
    return file
