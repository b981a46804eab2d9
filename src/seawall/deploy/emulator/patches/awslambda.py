"""Lambda: moto forgets the dead-letter queue of a function, and where and how it logs.

Seen from the provider: dead_letter_config and logging_config of an aws_lambda_function plan a change for ever.
"""

from __future__ import annotations

from typing import Any

from seawall.deploy.emulator.grafting import after_init, around

_KEPT = ("DeadLetterConfig", "LoggingConfig")


def apply() -> None:
    """Keep them, from creation and from changes."""
    from moto.awslambda.models import LambdaFunction

    @after_init(LambdaFunction)
    def keep(function: Any, arguments: dict[str, Any]) -> None:
        function.seawall_kept = {name: arguments["spec"][name] for name in _KEPT if arguments["spec"].get(name)}

    @around(LambdaFunction, "update_configuration")
    def update_configuration(original: Any, function: Any, config_updates: dict[str, Any]) -> Any:
        function.seawall_kept |= {name: config_updates[name] for name in _KEPT if name in config_updates}
        return original(function, config_updates)

    @around(LambdaFunction, "get_configuration")
    def get_configuration(original: Any, function: Any, *args: Any, **kwargs: Any) -> Any:
        configuration = original(function, *args, **kwargs)
        kept = dict(function.seawall_kept)
        if not (kept.get("DeadLetterConfig") or {}).get("TargetArn"):
            kept.pop("DeadLetterConfig", None)
        # Whoever says nothing gets plain text in the group of the function's name.
        usual = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}"}
        return configuration | kept | {"LoggingConfig": usual | (kept.get("LoggingConfig") or {})}
