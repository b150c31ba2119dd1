"""Node types around sounds."""

from runtime.packs.speech.input_audio import input_audio
from runtime.packs.speech.output_audio import output_audio
from runtime.packs.speech.speech_transcribe import speech_transcribe

NODE_TYPES = (input_audio, speech_transcribe, output_audio)
