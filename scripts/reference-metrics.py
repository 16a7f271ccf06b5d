"""Scores captions with pycocoevalcap, so that Legenda's own metrics can be compared with it. See docs/metrics.md.

    python3 -m venv coco-venv && coco-venv/bin/pip install pycocoevalcap==1.2    # needs Java 8 or later
    coco-venv/bin/python scripts/reference-metrics.py sentences test/fixtures/metrics/sentences.json OUT.json
    coco-venv/bin/python scripts/reference-metrics.py flickr8k FLICKR8K OUT.json
    coco-venv/bin/python scripts/reference-metrics.py tokens CAPTIONS.txt OUT.txt    # one caption a line
    coco-venv/bin/python scripts/reference-metrics.py meteor SYSTEM.jsonl... OUT.json    # of `legenda evaluate --output`
"""

import contextlib
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.meteor import meteor as coco_meteor
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer


def tokenise(captions_of):
    """{id: [caption, ...]} -> {id: [tokens joined by spaces, ...]}"""
    wrapped = {id: [{"caption": caption} for caption in captions] for id, captions in captions_of.items()}
    with contextlib.redirect_stdout(io.StringIO()):
        return PTBTokenizer().tokenize(wrapped)


def rounded(value):
    return round(float(value), 9)


# What Legenda computes of METEOR; the function words are given beside it.
EXACT_AND_STEM = ["-m", "exact stem", "-w", "1.0 0.6"]


def own_function_words():
    source = os.path.join(os.path.dirname(__file__), "..", "src", "metrics", "function-words.ts")
    with open(source, encoding="utf-8") as file:
        words = re.search("`(.*?)`", file.read(), re.DOTALL).group(1).split()
    with tempfile.NamedTemporaryFile("w", suffix=".words", delete=False, encoding="utf-8") as file:
        file.write("\n".join(words) + "\n")
    return file.name


def meteor(references, candidates, options=()):
    """METEOR 1.5 of all captions together and of each image, called as pycocoevalcap calls it and with more options"""
    folder = os.path.dirname(os.path.abspath(coco_meteor.__file__))
    command = ["java", "-jar", "-Xmx2G", coco_meteor.METEOR_JAR, "-", "-", "-stdio", "-l", "en", "-norm", *options]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=folder, text=True, encoding="utf-8", **pipes) as program:

        def ask(*parts):
            program.stdin.write(" ||| ".join(parts) + "\n")
            program.stdin.flush()
            return program.stdout.readline().strip()

        statistics = [ask("SCORE", *references[id], candidates[id][0]) for id in candidates]
        first = ask("EVAL", *statistics)
        others = [program.stdout.readline().strip() for _ in statistics]
        program.stdin.close()
        *of_images, all_together = [rounded(value) for value in [first, *others]]
    return all_together, of_images


def score(items):
    """[{id, candidate, references}] -> the scores, and each image's"""
    references = tokenise({item["id"]: item["references"] for item in items})
    candidates = tokenise({item["id"]: [item["candidate"]] for item in items})
    bleu, _ = Bleu(4).compute_score(references, candidates, verbose=0)
    rouge, rouge_of_images = Rouge().compute_score(references, candidates)
    cider, cider_of_images = Cider().compute_score(references, candidates)
    words = own_function_words()
    all_together, of_images = meteor(references, candidates, [*EXACT_AND_STEM, "-s", words])
    os.remove(words)
    scores = {
        "images": len(items),
        "bleu": [rounded(value) for value in bleu],
        "rougeL": rounded(rouge),
        "meteor": all_together,
        "ciderD": rounded(cider),
        "perImage": {
            "rougeL": [rounded(value) for value in rouge_of_images],
            "ciderD": [rounded(value) for value in cider_of_images],
            "meteor": of_images,
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


def scrambled(caption):
    words = caption.rstrip(".").lower().split(" ")
    random.Random(caption).shuffle(words)
    return " ".join(words)


def systems(paths):
    """The captions of each file, one person's, and those of the first file in another order: all against four references"""
    rows = {}
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            read = [json.loads(line) for line in lines]
        name = os.path.splitext(os.path.basename(path))[0]
        rows[name] = [(row["id"], row["caption"], row["references"]) for row in read if "caption" in row]
    first, *_ = rows.values()
    rows["one person"] = [(id, references[0], references) for id, _, references in first]
    rows["scrambled"] = [(id, scrambled(caption), references) for id, caption, references in first]
    rows["half"] = [(id, " ".join(caption.split(" ")[:5]), references) for id, caption, references in first]
    for name, captions in rows.items():
        items = [
            {"id": id, "candidate": caption, "references": references[1:]} for id, caption, references in captions
        ]
        references = tokenise({item["id"]: item["references"] for item in items})
        candidates = tokenise({item["id"]: [item["candidate"]] for item in items})
        full, of_images = meteor(references, candidates)
        yield name, {"items": items, "meteor": full, "perImage": of_images}


def main(what, *sources, target):
    source = sources[0]
    if what == "sentences":
        with open(source, encoding="utf-8") as file:
            scores, tokens = score(json.load(file))
        result = {"scores": scores, "tokens": tokens}
    elif what == "flickr8k":
        result = flickr8k(source)
    elif what == "meteor":
        result = dict(systems(sources))
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
    main(*sys.argv[1:-1], target=sys.argv[-1]) if len(sys.argv) > 3 else sys.exit(__doc__)
