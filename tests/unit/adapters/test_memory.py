from asyncio.sslproto import SSLProtocol

import pytest

from serinus.adapters.memory import be_modest


def test_a_connection_has_room_for_a_tls_record_and_little_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(SSLProtocol, "max_size", SSLProtocol.max_size)  # put back afterwards
    be_modest()
    assert 16 * 1024 < SSLProtocol.max_size <= 64 * 1024
