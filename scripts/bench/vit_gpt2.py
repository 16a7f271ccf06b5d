"""The ViT + GPT-2 captioner's architecture with random weights, which take as long as trained ones.

vit_gpt2.py caption WORDS BATCH    in PyTorch transformers: paths on standard input, a line for each on standard output
vit_gpt2.py export FOLDER          as ONNX graphs for transformers.js
"""

import json
import os
import resource
import sys

import torch
from transformers import AutoImageProcessor, GPT2Config, VisionEncoderDecoderConfig, VisionEncoderDecoderModel
from transformers import ViTConfig, ViTImageProcessor
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

HEADS, LAYERS, WIDTH = 12, 12, 768


def build():
    """As nlpconnect/vit-gpt2-image-captioning: ViT-B/16 at 224 pixels, GPT-2 small with cross-attention."""
    torch.manual_seed(1)
    configuration = VisionEncoderDecoderConfig.from_encoder_decoder_configs(ViTConfig(), GPT2Config())
    configuration.decoder_start_token_id = configuration.pad_token_id = 50256
    configuration.eos_token_id = 50256
    return VisionEncoderDecoderModel(configuration).eval()


def caption(words, batch):
    from PIL import Image

    model = build()
    processor = ViTImageProcessor()
    paths = [line.rstrip("\n") for line in sys.stdin]
    with torch.inference_mode():
        for start in range(0, len(paths), batch):
            part = paths[start : start + batch]
            images = [Image.open(path).convert("RGB") for path in part]
            pixels = processor(images, return_tensors="pt").pixel_values
            tokens = model.generate(pixels, min_new_tokens=words, max_new_tokens=words, num_beams=1, do_sample=False)
            for path, row in zip(part, tokens):
                print(path, *row.tolist(), flush=True)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    report = {"cpuSeconds": usage.ru_utime + usage.ru_stime, "peakMiB": usage.ru_maxrss / 1024}
    os.write(3, json.dumps(report).encode())


class Decoder(torch.nn.Module):
    """A step of the decoder: its own attention's keys and values in and out."""

    def __init__(self, model):
        super().__init__()
        self.decoder = model.decoder

    def forward(self, input_ids, encoder_hidden_states, *past):
        cache = DynamicCache()
        for layer in range(LAYERS):
            cache.update(past[2 * layer], past[2 * layer + 1], layer)
        both = EncoderDecoderCache(cache, DynamicCache())
        # Given, as positions, so that tracing does not keep the example's length.
        positions = torch.arange(input_ids.shape[1]) + past[0].shape[2]
        output = self.decoder(
            input_ids=input_ids,
            encoder_hidden_states=encoder_hidden_states,
            past_key_values=both,
            position_ids=positions.unsqueeze(0),
            use_cache=True,
        )
        present = output.past_key_values.self_attention_cache
        return (output.logits, *(part for layer in present.layers for part in (layer.keys, layer.values)))


class Encoder(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.encoder = model.encoder

    def forward(self, pixel_values):
        return self.encoder(pixel_values).last_hidden_state


def export(folder):
    model = build()
    model.config._attn_implementation = "eager"
    model.encoder.set_attn_implementation("eager")
    model.decoder.set_attn_implementation("eager")
    os.makedirs(os.path.join(folder, "onnx"))
    model.config.save_pretrained(folder)
    model.generation_config.save_pretrained(folder)
    ViTImageProcessor().save_pretrained(folder)
    names = [f"{{}}.{layer}.{part}" for layer in range(LAYERS) for part in ("key", "value")]
    past = [torch.zeros(2, HEADS, 3, WIDTH // HEADS) for _ in names]
    before = [name.format("past_key_values") for name in names]
    after = [name.format("present") for name in names]
    with torch.inference_mode():
        torch.onnx.export(
            Encoder(model),
            (torch.zeros(2, 3, 224, 224),),
            os.path.join(folder, "onnx", "encoder_model.onnx"),
            input_names=["pixel_values"],
            output_names=["last_hidden_state"],
            dynamic_axes={"pixel_values": {0: "batch"}, "last_hidden_state": {0: "batch"}},
            dynamo=False,
        )
        axes = {"input_ids": {0: "batch", 1: "length"}, "encoder_hidden_states": {0: "batch"}}
        torch.onnx.export(
            Decoder(model),
            (torch.zeros(2, 2, dtype=torch.int64), torch.zeros(2, 197, WIDTH), *past),
            os.path.join(folder, "onnx", "decoder_model_merged.onnx"),
            input_names=["input_ids", "encoder_hidden_states", *before],
            output_names=["logits", *after],
            dynamic_axes={**axes, **{name: {0: "batch", 2: "words"} for name in (*before, *after)}},
            dynamo=False,
        )


if __name__ == "__main__":
    if sys.argv[1] == "export":
        export(sys.argv[2])
    else:
        caption(int(sys.argv[2]), int(sys.argv[3]))
