"""The functions that run in AWS: a folder each, shipped as it lies here.

They import the standard library and boto3, which AWS provides, and nothing of Seawall: what runs there is what is read
here. Components read their files and never import them.
"""
