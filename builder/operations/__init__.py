"""What whoever runs an installation asks of it: is it well, what is wrong, how much, where is the backup."""
