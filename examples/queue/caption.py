"""Asks Legenda's workers to caption photos, from Python.

    pip install "bullmq>=3,<4"
    legenda work --root /srv/photos          # elsewhere, as many as you like
    python caption.py cat.jpg dog.jpg        # paths below a --root of the workers

Prints a line for each photo: what it is called, a tab, its caption.
"""

import asyncio
import os
import sys

from bullmq import Job, Queue

REDIS = os.environ.get("LEGENDA_REDIS", "redis://127.0.0.1:6379")


async def caption(paths: list[str]) -> list[dict]:
    """The rows of the photos, in their order. See docs/jobs/caption-result.schema.json."""
    queue = Queue("legenda-caption", {"connection": REDIS})
    try:
        job = await queue.add(
            "caption",
            {"version": 1, "images": [{"path": path} for path in paths], "options": {"top": 1}},
            # A worker that is killed costs no try; these are for what may pass, such as a full disk.
            {"attempts": 3, "backoff": {"type": "exponential", "delay": 1000}},
        )
        while True:
            state = await queue.getJobState(job.id)
            if state in ("completed", "failed"):
                break
            await asyncio.sleep(0.05)
        job = await Job.fromId(queue, job.id)
        if state == "failed":
            # The message, then its code in brackets: JOB_INVALID, MODEL_UNKNOWN, …
            raise RuntimeError(job.failedReason)
        return job.returnvalue["results"]
    finally:
        await queue.close()


def main() -> int:
    failed = 0
    for row in asyncio.run(caption(sys.argv[1:])):
        if "error" in row:
            failed += 1
            print(row["image"], row["error"]["code"], sep="\t", file=sys.stderr)
        else:
            print(row["image"], row["caption"], sep="\t")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
