"""The controllers that are known, and which of them an image, a chart or an add-on is."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from seawall.knowledge.controllers.controller import Controller


@cache
def controllers() -> Mapping[str, Controller]:
    """Every known controller by name, in alphabetical order: the ``CONTROLLER`` of each module of this package."""
    import seawall.knowledge.controllers as package

    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    found = [module.CONTROLLER for module in modules if hasattr(module, "CONTROLLER")]
    return {controller.name: controller for controller in sorted(found, key=lambda controller: controller.name)}


def of_chart(chart: str) -> tuple[Controller, ...]:
    """The controllers that a Helm chart installs; a chart may have several with accounts of their own."""
    return _by("charts").get(chart, ())


def of_addon(addon: str) -> tuple[Controller, ...]:
    """The controllers that an add-on of EKS installs."""
    return _by("addons").get(addon, ())


def of_image(image: str) -> Controller | None:
    """The controller of an image, whichever registry or mirror it comes from."""
    repository = image.partition("@")[0]
    head, slash, last = repository.rpartition("/")
    words = f"{head}{slash}{last.partition(':')[0]}".split("/")
    for length in (2, 1):
        found = _by("images").get("/".join(words[-length:]), ())
        if found:
            return found[0]
    return None


@cache
def _by(field: str) -> Mapping[str, tuple[Controller, ...]]:
    found: dict[str, tuple[Controller, ...]] = {}
    for controller in controllers().values():
        for name in getattr(controller, field):
            found[name] = (*found.get(name, ()), controller)
    return found
