"""Rules about GitOps and progressive delivery."""
