"""Every provider can be built in every profile; a missing or misspelt setting is no surprise."""

import asyncio
from typing import Final

import pytest
from dependency_injector import providers

from bootstrap import Container, make_container
from entrypoints.settings import Profile, Settings

NONE_WHERE_OFF: Final = {"record_headers", "external_signer", "signer", "sign_heads"}


def container_for(profile: Profile) -> Container:
    return make_container(Settings(profile=profile).model_dump())


@pytest.mark.parametrize("profile", list(Profile))
async def test_every_provider_is_built(profile: Profile) -> None:
    container = container_for(profile)
    built = 0
    for name, provider in container.providers.items():
        if not isinstance(provider, providers.Configuration):
            assert provider() is not None or name in NONE_WHERE_OFF, name
            built += 1
    assert built > 40


@pytest.mark.parametrize("profile", list(Profile))
def test_building_connects_nothing_and_needs_no_loop(profile: Profile) -> None:
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
    container = container_for(profile)
    assert container.submit_command() is container.submit_command()


def test_two_containers_share_nothing() -> None:
    first, second = container_for(Profile.MEMORY), container_for(Profile.MEMORY)
    assert first.memory_books() is not second.memory_books()
    assert first.metrics() is not second.metrics()


def test_an_unknown_setting_is_an_error_and_not_none() -> None:
    container = container_for(Profile.MEMORY)
    with pytest.raises(Exception, match="Undefined configuration option"):
        container.config.no_such_setting()
