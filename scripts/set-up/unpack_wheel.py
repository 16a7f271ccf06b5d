"""Unpacks libtensorflow and its headers from a wheel: unpack_wheel.py WHEEL FOLDER.

Writes FOLDER/include and FOLDER/lib, and checks each file against the SHA-256 that the wheel's RECORD gives for it.
"""

import base64
import csv
import hashlib
import io
import pathlib
import sys
import zipfile

HEADERS = "tensorflow/include/"
LIBRARIES = {"tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2"}


def destination(name, folder):
    if name in LIBRARIES:
        return folder / "lib" / pathlib.PurePosixPath(name).name
    relative = pathlib.PurePosixPath(name).relative_to(HEADERS)
    if relative.is_absolute() or ".." in relative.parts:
        sys.exit(f"the wheel names a file outside itself: {name}")
    return folder / "include" / relative


def unpack(archive, name, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with archive.open(name) as source, open(path, "wb") as target:
        while chunk := source.read(1 << 20):
            digest.update(chunk)
            target.write(chunk)
    return "sha256=" + base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()


def main(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        record = next(name for name in names if name.endswith(".dist-info/RECORD"))
        with archive.open(record) as file:
            expected = {row[0]: row[1] for row in csv.reader(io.TextIOWrapper(file, "utf-8"))}
        if missing := LIBRARIES - set(names):
            sys.exit(f"the wheel has no {sorted(missing)[0]}")
        for name in names:
            if name in LIBRARIES or name.startswith(HEADERS):
                if unpack(archive, name, destination(name, folder)) != expected.get(name):
                    sys.exit(f"{name} is not what the wheel's RECORD says")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
