"""Lambda: moto forgets the dead-letter queue of a function.

Seen from the provider: dead_letter_config of an aws_lambda_function plans a change for ever.
"""

from __future__ import annotations

from typing import Any

from seawall.deploy.emulator.grafting import after_init, around


def apply() -> None:
    """Keep it, from creation and from changes."""
    from moto.awslambda.models import LambdaFunction

    @after_init(LambdaFunction)
    def keep(function: Any, arguments: dict[str, Any]) -> None:
        function.seawall_dead_letters = arguments["spec"].get("DeadLetterConfig")

    @around(LambdaFunction, "update_configuration")
    def update_configuration(original: Any, function: Any, config_updates: dict[str, Any]) -> Any:
        if "DeadLetterConfig" in config_updates:
            function.seawall_dead_letters = config_updates["DeadLetterConfig"]
        return original(function, config_updates)

    @around(LambdaFunction, "get_configuration")
    def get_configuration(original: Any, function: Any, *args: Any, **kwargs: Any) -> Any:
        configuration = original(function, *args, **kwargs)
        if (function.seawall_dead_letters or {}).get("TargetArn"):
            configuration["DeadLetterConfig"] = function.seawall_dead_letters
        return configuration
