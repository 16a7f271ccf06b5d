"""python training_step.py FOLDER decoder|endToEnd STEPS [compile]: times the step of npm run bench:train in PyTorch.

Written as one writes it for speed: the words' part of the gates for all steps at once, captions laid out longest first so that
short ones cost little, the loss over the words to predict alone, fused Adam, the CNN in channels-last order.
"""

import json
import resource
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

folder, stage, steps, *more = sys.argv[1:]
compiled = "compile" in more


def read_weights(name):
    with open(f"{folder}/{name}.safetensors", "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)
    return {
        key: torch.from_numpy(np.frombuffer(data[slice(*value["data_offsets"])], np.float32).reshape(value["shape"]).copy())
        for key, value in header.items()
    }


with open(f"{folder}/problem.json") as file:
    problem = json.load(file)
network = problem["encoder"]
size = problem["configuration"]["hidden"]
rates = problem["configuration"]["dropout"]
captions = problem["captions"]
decoder = {name: torch.nn.Parameter(value) for name, value in read_weights("decoder").items()}
inputs = read_weights("inputs")
encoder = {}
if stage == "endToEnd":
    needed = {layer[key] for layer in network["layers"] for key in ("kernel", "bias") if key in layer}
    for name, value in read_weights("encoder").items():
        if name not in needed:
            continue
        # TensorFlow's [height, width, in, out]; a depthwise kernel is [height, width, channels, 1].
        depthwise = any(layer["kind"] == "depthwiseConvolution" and layer.get("kernel") == name for layer in network["layers"])
        if value.ndim == 4:
            value = value.permute(2, 3, 0, 1) if depthwise else value.permute(3, 2, 0, 1)
            value = value.contiguous(memory_format=torch.channels_last)
        encoder[name] = torch.nn.Parameter(value)


def convolve(layer, x, exact):
    weight, bias = encoder[layer["kernel"]], encoder.get(layer.get("bias"))
    groups = x.shape[1] if layer["kind"] == "depthwiseConvolution" else 1
    padding = [0, 0]
    if layer["padding"] == "same":
        pads = []
        for axis in (0, 1):
            kernel, stride, length = weight.shape[2 + axis], layer["strides"][axis], x.shape[2 + axis]
            pads.append(max((-(-length // stride) - 1) * stride + kernel - length, 0))
        padding = [(pad + 1) // 2 for pad in pads]
        # An odd pixel, which TensorFlow pads at the end: with `exact` here too, at the price of a copy.
        if exact and any(pad % 2 for pad in pads):
            x = F.pad(x, (pads[1] // 2, pads[1] - pads[1] // 2, pads[0] // 2, pads[0] - pads[0] // 2))
            padding = [0, 0]
    return F.conv2d(x, weight, bias, layer["strides"], padding, 1, groups)


def features(pixels, exact):
    outputs = {"pixels": pixels}
    for layer in network["layers"]:
        if layer["kind"] == "add":
            first, *others = (outputs[name] for name in layer["inputs"])
            y = first
            for other in others:
                y = y + other
        elif layer["kind"] in ("convolution", "depthwiseConvolution"):
            y = convolve(layer, outputs[layer["input"]], exact)
        elif layer["kind"] != "activation":
            raise SystemExit(f"no layer {layer['kind']} in this comparison")
        else:
            y = outputs[layer["input"]]
        if layer.get("activation", "linear") == "relu6":
            y = F.relu6(y)
        outputs[layer["name"]] = y
    grid = outputs[network["feature"]]
    return grid.permute(0, 2, 3, 1).flatten(1, 2)


def lay_out():
    """Captions longest first; at each step as many of each picture as any picture still needs."""
    ordered = [sorted(of_image, key=len, reverse=True) for of_image in captions]
    longest = max(len(of_image[0]) for of_image in ordered) - 1
    counts = [max(sum(len(c) - 1 > t for c in of_image) for of_image in ordered) for t in range(longest)]
    read, rows, targets, offset = [], [], [], 0
    for t, count in enumerate(counts):
        for image, of_image in enumerate(ordered):
            for k in range(count):
                caption = of_image[k]
                over = len(caption) - 1 <= t
                read.append(0 if over else caption[t])
                if not over:
                    rows.append(offset + image * count + k)
                    targets.append(caption[t + 1])
        offset += count * len(ordered)
    return counts, torch.tensor(read), torch.tensor(rows), torch.tensor(targets)


counts, read, rows, targets = lay_out()
images = len(captions)
smoothing = 0.1


def caption_loss(grid, training):
    d = decoder
    memory = F.dropout(F.relu(grid @ d["projection.kernel"] + d["projection.bias"]), rates["memory"], training)
    start = torch.tanh(memory.mean(1) @ d["initialState.kernel"] + d["initialState.bias"])
    keys = memory @ d["attention.keyKernel"]
    h, c = (state.unsqueeze(1).expand(images, counts[0], size) for state in start.split(size, 1))
    embedded = F.dropout(F.embedding(read, d["embedding"]), rates["embedding"], training)
    width = embedded.shape[1]
    of_words = embedded @ d["cell0.kernel"][:width] + d["cell0.bias"]
    beside = torch.cat([d["cell0.kernel"][width:], d["cell0.recurrentKernel"]])
    outputs, offset = [], 0
    for count in counts:
        h, c = h[:, :count], c[:, :count]
        query = h @ d["attention.queryKernel"]
        energies = torch.tanh(keys.unsqueeze(1) + query.unsqueeze(2)) @ d["attention.score"]
        context = torch.softmax(energies, 2) @ memory
        gates = of_words[offset : offset + images * count].view(images, count, -1) + torch.cat([context, h], 2) @ beside
        i, f, g, o = gates.split(size, 2)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        outputs.append(torch.cat([h, context], 2).flatten(0, 1))
        offset += images * count
    chosen = F.dropout(torch.cat(outputs)[rows], rates["output"], training)
    deep = torch.tanh(chosen @ d["output.kernel"] + d["output.bias"])
    logits = F.linear(deep, d["embedding"], d["words.bias"])
    return F.cross_entropy(logits, targets, label_smoothing=smoothing)


given = inputs["grid"] if stage == "decoder" else inputs["pixels"].permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


def whole_loss(training, exact):
    return caption_loss(given if stage == "decoder" else features(given, exact), training)


with torch.no_grad():
    loss = whole_loss(False, True).item()

parameters = [*decoder.values(), *encoder.values()]
optimiser = torch.optim.Adam(parameters, lr=1e-6, fused=True)
step_loss = torch.compile(lambda: whole_loss(True, False)) if compiled else lambda: whole_loss(True, False)


def take():
    optimiser.zero_grad()
    step_loss().backward()
    torch.nn.utils.clip_grad_norm_(parameters, 5.0)
    optimiser.step()


take()
take()
ms = []
before = time.process_time()
for _ in range(int(steps)):
    began = time.perf_counter()
    take()
    ms.append(1000 * (time.perf_counter() - began))
cpu = (time.process_time() - before) / int(steps)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"loss": loss, "ms": ms, "cpuSeconds": cpu, "peakMiB": peak}))
