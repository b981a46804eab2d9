"""Rules about cost: claims that nobody watches."""
