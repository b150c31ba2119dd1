"""Node types around pictures."""

from runtime.packs.image.image_convert import image_convert
from runtime.packs.image.image_generate import image_generate
from runtime.packs.image.image_inpaint import image_inpaint
from runtime.packs.image.image_redraw import image_redraw
from runtime.packs.image.image_resize import image_resize
from runtime.packs.image.image_upscale import image_upscale
from runtime.packs.image.input_image import input_image
from runtime.packs.image.output_image import output_image

NODE_TYPES = (
    input_image,
    image_generate,
    image_redraw,
    image_inpaint,
    image_upscale,
    image_convert,
    image_resize,
    output_image,
)
