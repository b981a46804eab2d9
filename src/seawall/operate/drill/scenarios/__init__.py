"""The bad days, one module each; every one plays the platform's own settings and names its stand-ins."""
