"""The forms of a report: text, JSON, SARIF and JUnit; each module has ``render(report) -> str``.

May import check and everything below it. Law: a form adds nothing and leaves nothing out that decides an exit status.
"""
