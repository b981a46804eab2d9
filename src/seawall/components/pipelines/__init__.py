"""Pipelines: workflows of GitHub Actions, the Jenkinsfile and the scripts that both run, as files of the repository.

May import what components may. Law: a pipeline builds an image once and promotes its digest; nothing leaves a pull
request; every action is pinned by its commit; and what a person agreed to is what is applied.
"""
