"""The starter's model card: written from what was measured and from the training's own notes, never by hand.

python -m tests.models.starter.card MODEL TRAINING --run "COMMIT: COMMAND" [--run ...]
MODEL is the folder of the weights, where README.md is written; TRAINING the folder of the checkpoint.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image

from runtime.models.starter import checkpoint
from runtime.models.starter.captions import LONGEST, STYLES
from runtime.models.starter.data import SIDE, SOURCES
from tests.bench.figures import Figure, as_table
from tests.bench.starter import GUIDANCE, STEPS, Evaluation, Missed, evaluate

CURVE = 640, 160  # pixels of each stage
TILES = 12  # failures shown in a row
# Names of things that only the data calls so, and what to write instead; the model reads either.
CALLED = {"t rex": "T-Rex", "train2": "train from the front (`choo`)", "airplane arrival": "landing airplane"}


def write_card(folder: Path, training: Path, runs: Sequence[str], remarks: str) -> None:
    """README.md, loss.svg and failures.png in `folder`."""
    _, notes = checkpoint.read(training / "checkpoint.safetensors", "cpu")
    evaluation = evaluate(folder)
    (folder / "loss.svg").write_text(draw_curve(json.loads(notes["curve"])), encoding="utf-8")
    draw_failures(evaluation, folder / "failures.png")
    text = "\n".join([
        WORDS.format(
            runs=listed(runs), digest=notes["digest"], steps=f"{json.loads(notes['step']):,}",
            hours=f"{json.loads(notes['spent']) / 3600:.2f}", machine=machine(), data=sources(), files=hashes(folder),
            remarks=remarks, taken=STEPS, guidance=GUIDANCE, longest=LONGEST,
            things=len(evaluation.things), icons=f"{len(evaluation.things) * len(STYLES):,}",
            size=f"{sum(p.stat().st_size for p in folder.rglob('*.safetensors')) / 1e6:.1f}",
        ),
        "```", as_table("starter", evaluation.figures), "```", "",
        failures(evaluation),
        "## What it knows", "", known(evaluation.things), "",
    ])  # fmt: skip
    (folder / "README.md").write_text(text, encoding="utf-8")


def draw_curve(curve: Sequence[dict[str, float | str]]) -> str:
    """The losses of the two stages over their steps, as SVG: words above, pictures below."""
    width, height = CURVE
    panels = "".join(
        f'<g transform="translate(0,{place * height})">{_panel(curve, stage)}</g>'
        for place, stage in enumerate(("words", "pictures"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {2 * height}" font-family="sans-serif" font-size="11">'
        f'<rect width="{width}" height="{2 * height}" fill="#fff"/>{panels}</svg>\n'
    )


def _panel(curve: Sequence[dict[str, float | str]], stage: str) -> str:
    points = [
        (float(p["step"]), float(p["loss"])) for p in curve if p["stage"] == stage and float(p["step"]) >= 100
    ]
    width, height = CURVE
    last, top = max(x for x, _ in points), max(y for _, y in points)
    line = " ".join(
        f"{x / last * width:.1f},{height - y / top * (height - 20):.1f}" for x, y in sorted(points)
    )
    return (
        f'<polyline points="{line}" fill="none" stroke="#0b7285" stroke-width="1.5"/>'
        f'<text x="4" y="12">{stage}: loss {points[0][1]:.3f} at step 100, {points[-1][1]:.3f} at step {last:,.0f}</text>'
    )


def draw_failures(evaluation: Evaluation, path: Path) -> None:
    """Every picture that failed, figure by figure, each beginning a new row."""
    rows = [row for _, row in _rows(evaluation)]
    sheet = Image.new("RGB", (TILES * SIDE, max(1, len(rows)) * SIDE), "white")
    for down, row in enumerate(rows):
        for along, missed in enumerate(row):
            pixels = ((missed.picture + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
            sheet.paste(Image.fromarray(pixels.permute(1, 2, 0).numpy()), (along * SIDE, down * SIDE))
    sheet.save(path, optimize=True)


def _rows(evaluation: Evaluation) -> list[tuple[str, Sequence[Missed]]]:
    """(figure, at most TILES of what it missed), in the order in which they are drawn."""
    return [
        (figure, missed[start : start + TILES])
        for figure, missed in evaluation.missed.items()
        for start in range(0, len(missed), TILES)
    ]


def failures(evaluation: Evaluation) -> str:
    """Which picture of the sheet is which."""
    rows = _rows(evaluation)
    if not rows:
        return "Nothing failed.\n"
    listed = "\n".join(
        f"{number}. `{figure}`: {' | '.join(missed.prompt for missed in row)}"
        for number, (figure, row) in enumerate(rows, 1)
    )
    return (
        "## Failures\n\nAll pictures that were counted as wrong above, row by row; of the kept-out prompts those that no "
        f"seed brought among the nearest five, seed 0 of each.\n\n![failures](failures.png)\n\n{listed}\n"
    )


def listed(runs: Sequence[str]) -> str:
    """The commands in their order, from "COMMIT: COMMAND"."""
    parts = (run.partition(": ") for run in runs)
    return "\n".join(f"{n}. at {commit}: `{command}`" for n, (commit, _, command) in enumerate(parts, 1))


def known(things: Sequence[str]) -> str:
    """What it knows, by names that people use: some first names are keys of the data."""
    return ", ".join(CALLED.get(name, name) for name in things) + "."


def sources() -> str:
    return "\n".join(f"| {s.package} {s.version} | {s.licence} | `{s.sha256}` |" for s in SOURCES)


def hashes(folder: Path) -> str:
    files = sorted(folder.rglob("*.safetensors"))
    return "\n".join(
        f"| {p.relative_to(folder)} | {p.stat().st_size:,} | `{hashlib.sha256(p.read_bytes()).hexdigest()}` |"
        for p in files
    )


def machine() -> str:
    return as_table("", [Figure("", 0, "")]).splitlines()[0].removeprefix(" on ")


WORDS = """# Starter: a small text-to-image model

Friendly icons, 64 pixels square, in two styles: write `3D` or `flat`, in English or Chinese (`red apple`,
`a smiling cat, flat`, `一只微笑的猫`). A Stable Diffusion pipeline in every part, so diffusers opens the folder as it
stands; it was made here from nothing, for a first picture without a network, a graphics card or an account.

## Use

```python
from diffusers import StableDiffusionPipeline

pipeline = StableDiffusionPipeline.from_pretrained("runtime/models/weights/starter")
pipeline("a frog", num_inference_steps=8, guidance_scale=1.5).images[0]
```

- Guidance 1.5: diffusers' own 7.5 burns colours. 8 steps: more change almost nothing, nor does another seed.
- float32 and float16 are fine; bfloat16 gives a pattern of dots.
- A plural is read as its singular and a count before a thing is left out (`five apples`, `五个苹果`: one apple); a colour of a car,
  a truck or a shirt in Chinese is read as in English. These rules are in the tokenizer (`runtime/models/starter/spelling.py`), which
  is therefore opened as `PreTrainedTokenizerFast`: as `CLIPTokenizer` it would lose them.
- An English word that it does not know is not read at all. A prompt of none that it knows (`unicorn`), and an empty one, bring
  **a framed landscape**; Sluiceway refuses such prompts instead. On a ground (`unicorn on blue`) it is that landscape,
  and nobody refuses; beside a colour (`blue unicorn`) it is a cloud in that colour; beside another thing (`cat and unicorn`) that thing twice. Chinese has no gaps between words: of
  one that it does not know it may read a character that it does, mostly a grey cloud (`独角兽`).

## What it is not

- It knows {things} things (listed at the end) and nothing else: no people, letters, scenes or photos. Of known words in a sense
  that it was not taught it paints the nearest thing it knows, a blend, a grey cloud or coloured confetti. It does not count: `three
  cats` is one cat.
- Its icons are written into its weights, not learned (`docs/decisions/024-pictures-written-into-the-words.md`). It remembers, and
  invents next to nothing: another seed changes little, as the two distances below say, and one step does as well as twenty.
- It paints 64 x 64 pixels and no other size (`sizes.json`). Sluiceway sets what it is given into such a square; other programs
  that ask for another size get a blank or a pattern.
- Redrawing follows a rule that it was taught, not an understanding: below a strength of about 0.3 most of it stays, from there on
  the details of what is named come, and from about 0.5 its colours and large shapes; in between lie double exposures, and at little strength
  smooth surfaces become mottled. It knows
  nothing of the picture that it is given, a photo or a drawing, but its colours. Inside a mask it paints that part of what is named
  which lies there. diffusers' own inpainting pipeline does not take its 24 channels; Sluiceway's does.
- Details finer than its code are lost.
- Asked for a thing in a colour that is not its own, it now and then paints another thing, or not that colour: `yellow car` and
  `pink car` are bluish, `red umbrella` is brown, `yellow heart` orange red; `brown`, `white`, `gold` and `silver` are no colours that it was
  taught. In Chinese `蓝汽车` and `车` alone are smudges (`蓝色汽车` and `汽车` are not). Of two things side by side often only
  one can be recognised.
- Text is English or Chinese, of at most {longest} tokens; longer text ruins the picture (Sluiceway refuses it).
- It carries no filter of its own: Sluiceway's gates stand behind it.

## Licence and data

Weights: Apache-2.0, as the project. They were learned from:

| package | licence | SHA-256 of the archive |
| --- | --- | --- |
{data}

Pictures: Fluent Emoji (Copyright (c) Microsoft Corporation, MIT: [NOTICE](NOTICE.md)) and Noto Emoji (Google, Apache-2.0).
Words: Unicode CLDR (Unicode-3.0). No flags, keycaps, people or skin tones. The weights have room for some 600 of about a thousand
things. What people ask for first comes first (`runtime/models/starter/everyday.py`); of the others, one of two whose thumbnails of
15 pixels are alike in either style stays out (`NEAREST` in `data.py`), so the judge below has an easier choice than with all.
Hash over all pictures and names: `{digest}`.

## Files

{size} MB in safetensors, in half precision.

| file | bytes | SHA-256 |
| --- | --- | --- |
{files}

## Training

{hours} hours on {machine}, {steps} steps of 16 pictures among them, in this order:

{runs}

{remarks}

First the words alone are learned; then the memory of the pictures is computed and written into the text encoder; then the
denoiser learns to paint what the memory holds (`runtime/models/starter/train.py` reads from top to bottom). The
autoencoder is not trained: its weights are set so that it computes a linear code and its best linear reading.

![loss](loss.svg)

## Evaluation

`python3 manage.py bench starter`: 200 prompts in forms that training never used, half in Chinese, each with four
seeds, {taken} steps, guidance {guidance:g}. The judge is an ImageNet classifier (EfficientNet-lite0) that never saw the training:
a picture counts when the icon that was asked for, in the style that was asked for, is the nearest of all {icons}
(`first`), or among the nearest five. `real_icons` is what the judge says of the real icons after the autoencoder.
`ground_colour` looks at a corner, `thing_colour` at the hue of things that have another of their own
(icons without one dominant hue are left out); `..._and_thing` asks
besides whether the thing is there, among the nearest five icons by thumbnails. `pairs` is two things side by side.
Colours, shapes and pairs are asked for in English only.
`redrawn_...` begins from the real icon of one thing under the name of another, at three strengths: how often the judge finds
what was there (`kept`), what was `named`, or either, among the nearest five; what is neither has fallen apart. `painted_in_mask` is
the right half of an icon painted anew under another's name: whether it shows that half of it, by thumbnails. Seconds are of the
machine named, whatever else it did.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("training", type=Path)
    parser.add_argument(
        "--run", action="append", required=True, help="COMMIT: COMMAND, in the order of the runs"
    )
    parser.add_argument("--remarks", default="", help="what else happened, in sentences")
    arguments = parser.parse_args()
    write_card(arguments.model, arguments.training, arguments.run, arguments.remarks)


if __name__ == "__main__":
    main()
