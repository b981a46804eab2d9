"""Rules about documents: what a text claims, against what is so."""
