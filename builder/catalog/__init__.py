"""The model catalogue as the browser and the console see it, and installing from there."""
