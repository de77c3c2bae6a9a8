"""Both emulated providers in a process of their own: each line asks something, each answer is a line of JSON."""

from __future__ import annotations

import json
import sys

from kolay_invoice.emulator import Emulator


def say(answer: object) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the standard input ends."""
    settings = json.loads(sys.argv[1])
    with Emulator(duplicates="execute", seed=settings["seed"]) as emulator:
        for name, value in settings.get("switches", {}).items():
            emulator.turn(name, value)
        ids = [emulator.add_document().document_id for _ in range(settings["documents"])]
        say({"url": emulator.kolaybi_url, "ids": ids})
        for line in sys.stdin:
            question = json.loads(line)
            if question == "executed":
                answer = sum(emulator.executions("create_e_document", number) for number in ids)
            elif question == "everything":
                answer = {
                    "executions": {number: emulator.executions("create_e_document", number) for number in ids},
                    "uuids": {number: str(emulator.documents[number].uuid) for number in ids},
                }
            else:
                for kind, rate, seconds in question:
                    emulator.fault_rate(kind, rate, seconds=seconds)
                answer = len(question)
            say(answer)


if __name__ == "__main__":
    main()
