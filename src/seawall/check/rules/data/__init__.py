"""Rules about stores: backups, copies, protection, exposure and classes."""
