"""Sound: WAV files in and out, and the network that hears what is said in them."""
