"""Readers of delivery pipelines: workflows of GitHub Actions become facts about jobs.

May import what readers may. Law: what a job does only under a condition is not said of it.
"""
