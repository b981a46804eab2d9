"""Rules about clusters and their nodes: versions, images, keys."""
