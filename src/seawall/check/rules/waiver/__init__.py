"""Rules about waivers themselves; the engine states their findings, since facts know nothing of waivers."""
