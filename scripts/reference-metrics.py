"""Scores captions with pycocoevalcap, so that Legenda's own metrics can be compared with it. See docs/metrics.md.

    python3 -m venv coco-venv && coco-venv/bin/pip install pycocoevalcap==1.2    # needs Java 8 or later
    coco-venv/bin/python scripts/reference-metrics.py sentences test/fixtures/metrics/sentences.json OUT.json
    coco-venv/bin/python scripts/reference-metrics.py flickr8k ../shared/datasets/flickr8k OUT.json
    coco-venv/bin/python scripts/reference-metrics.py tokens CAPTIONS.txt OUT.txt    # one caption a line
"""

import contextlib
import io
import json
import os
import sys

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer


def tokenise(captions_of):
    """{id: [caption, ...]} -> {id: [tokens joined by spaces, ...]}"""
    wrapped = {id: [{"caption": caption} for caption in captions] for id, captions in captions_of.items()}
    with contextlib.redirect_stdout(io.StringIO()):
        return PTBTokenizer().tokenize(wrapped)


def score(items):
    """[{id, candidate, references}] -> the scores, and each image's"""
    references = tokenise({item["id"]: item["references"] for item in items})
    candidates = tokenise({item["id"]: [item["candidate"]] for item in items})
    bleu, _ = Bleu(4).compute_score(references, candidates, verbose=0)
    rouge, rouge_of_images = Rouge().compute_score(references, candidates)
    cider, cider_of_images = Cider().compute_score(references, candidates)
    rounded = lambda value: round(float(value), 9)
    scores = {
        "images": len(items),
        "bleu": [rounded(value) for value in bleu],
        "rougeL": rounded(rouge),
        "ciderD": rounded(cider),
        "perImage": {
            "rougeL": [rounded(value) for value in rouge_of_images],
            "ciderD": [rounded(value) for value in cider_of_images],
        },
    }
    tokens = [
        {"candidate": candidates[item["id"]][0], "references": references[item["id"]]} for item in items
    ]
    return scores, tokens


def machine_like(own, other, index):
    """A caption with a machine's faults, by rule; test/metrics/flickr8k-items.ts has the same one."""
    if index % 97 == 13:
        return ""
    kind = index % 5
    if kind == 0:  # breaks off half-way
        words = own[0].split(" ")
        return " ".join(words[: (len(words) + 1) // 2])
    if kind == 1:  # another image's
        return other[1]
    if kind == 2:  # leaves words out
        return " ".join(word for place, word in enumerate(own[2].split(" ")) if place % 3 != 2)
    if kind == 3:  # repeats itself
        return " ".join(own[3].split(" ")[:4] * 2 + ["."])
    return "a dog is running through the grass"


def flickr8k(folder):
    captions = {}
    with open(os.path.join(folder, "Flickr8k.token.txt"), encoding="utf-8") as lines:
        for line in lines:
            name, caption = line.rstrip("\n").split("\t", 1)
            captions.setdefault(name.split("#")[0], []).append(caption)
    with open(os.path.join(folder, "Flickr_8k.devImages.txt"), encoding="utf-8") as lines:
        names = [line.strip() for line in lines if line.strip()]
    human = [
        {"id": name, "candidate": captions[name][0], "references": captions[name][1:]} for name in names
    ]
    machine = [
        {
            "id": name,
            "candidate": machine_like(captions[name], captions[names[(index + 1) % len(names)]], index),
            "references": captions[name],
        }
        for index, name in enumerate(names)
    ]
    return {"human": score(human)[0], "machine": score(machine)[0]}


def main(what, source, target):
    if what == "sentences":
        with open(source, encoding="utf-8") as file:
            scores, tokens = score(json.load(file))
        result = {"scores": scores, "tokens": tokens}
    elif what == "flickr8k":
        result = flickr8k(source)
    elif what == "tokens":
        with open(source, encoding="utf-8") as file:
            captions = file.read().rstrip("\n").split("\n")
        with open(target, "w", encoding="utf-8") as file:
            file.write("\n".join(tokenise({"all": captions})["all"]) + "\n")
        return
    else:
        sys.exit(__doc__)
    with open(target, "w", encoding="utf-8") as file:
        json.dump(result, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) == 4 else sys.exit(__doc__)
