"""Node types around text."""

from runtime.packs.text.input_number import input_number
from runtime.packs.text.input_text import input_text
from runtime.packs.text.output_text import output_text
from runtime.packs.text.prompt_template import prompt_template
from runtime.packs.text.text_generate import text_generate
from runtime.packs.text.text_join import text_join
from runtime.packs.text.text_split import text_split

NODE_TYPES = (input_text, input_number, prompt_template, text_generate, text_join, text_split, output_text)
