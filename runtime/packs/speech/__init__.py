"""Node types around sounds."""

from runtime.packs.speech.input_audio import input_audio
from runtime.packs.speech.output_audio import output_audio

NODE_TYPES = (input_audio, output_audio)
