"""The gallery: templates that anybody of the installation may copy."""
