"""Export: the trained parts as a folder that any diffusers program opens."""

import json
from pathlib import Path

from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from runtime.models.starter.captions import LONGEST
from runtime.models.starter.data import SIDE

# Diffusion on a cosine schedule that ends in nothing but noise, so that a picture really begins from noise; the network
# predicts v, which is defined there; "trailing" steps begin exactly there.
SCHEDULE = {
    "num_train_timesteps": 1_000,
    "beta_schedule": "squaredcos_cap_v2",
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
    "clip_sample": False,
    "set_alpha_to_one": True,
    "steps_offset": 1,  # what diffusers asks for; trailing steps have no use for it
}


# The registers stand for the 8x8 blocks of one square: in any other size blocks would go astray.
# Behind the tokens that are read the tokenizer pads with those registers, so that it says a larger length.
SIZES = {"only_side": SIDE, "longest_prompt": LONGEST}


def assemble(
    autoencoder: AutoencoderKL,
    unet: UNet2DConditionModel,
    text: CLIPTextModel,
    tokenizer: PreTrainedTokenizerBase,
) -> StableDiffusionPipeline:
    return StableDiffusionPipeline(
        vae=autoencoder,
        unet=unet,
        text_encoder=text,
        tokenizer=tokenizer,
        scheduler=DDIMScheduler(**SCHEDULE),
        # Its own filter would be a second one beside the gates, and has no weights here.
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def export(pipeline: StableDiffusionPipeline, folder: Path) -> None:
    """Writes the pipeline in half precision: half the size, and no difference that the eye can find.

    transformers opens a part in the precision that its configuration names, and diffusers in single. The two must fit
    together for whoever names no precision, so the text encoder's configuration names single.
    """
    parts = (pipeline.vae, pipeline.unet, pipeline.text_encoder)
    for part in parts:
        part.half()
    pipeline.save_pretrained(folder, safe_serialization=True)
    for part in parts:
        part.float()
    (folder / "sizes.json").write_text(json.dumps(SIZES) + "\n")
    _note(folder / "text_encoder" / "config.json", dtype="float32")
    name_tokenizer(folder, pipeline.tokenizer)


def name_tokenizer(folder: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    """By the name that this class has in every version of transformers, not the one of the version that wrote it."""
    if type(tokenizer) is PreTrainedTokenizerFast:
        name = "PreTrainedTokenizerFast"
        _note(folder / "model_index.json", tokenizer=["transformers", name])
        _note(folder / "tokenizer" / "tokenizer_config.json", tokenizer_class=name)


def _note(path: Path, **notes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **notes}, indent=2) + "\n")
