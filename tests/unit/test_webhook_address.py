"""Which addresses may be called."""

import pytest

from core.entities.webhooks.address import MAX_URL_CHARACTERS, checked_url, is_allowed

INNER = [
    *("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
    *("224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::"),
    *("fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "2001::1"),
    *("::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::1", "::a00:1", "no"),
]
OUTER = [*("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e")]
LOOPBACK = [*("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1")]


@pytest.mark.parametrize("address", INNER)
@pytest.mark.parametrize("allow_loopback", [True, False])
def test_inner_addresses_are_never_called(address: str, allow_loopback: bool) -> None:
    assert not is_allowed(address, allow_loopback=allow_loopback)


@pytest.mark.parametrize("address", OUTER)
def test_public_addresses_are(address: str) -> None:
    assert is_allowed(address, allow_loopback=False)


@pytest.mark.parametrize("address", LOOPBACK)
def test_this_machine_is_called_where_that_is_allowed(address: str) -> None:
    assert is_allowed(address, allow_loopback=True)
    assert not is_allowed(address, allow_loopback=False)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://example.com",
            "https://example.com:8443/hook?x=1",
            "https://xn--bcher-kva.example/",
        ),
        "https://93.184.215.14/",
    ],
)
def test_https_addresses_are_taken_as_they_are(url: str) -> None:
    assert checked_url(url, allow_loopback=False) == url


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "example.com",
            "ftp://example.com/",
            "https://",
            "https:///hook",
            "http://example.com/",
        ),
        *("https://user@example.com/", "https://user:pw@example.com/", "https://bücher.example/"),
        *("https://example.com/#top", "https://example.com:0/", "https://example.com:99999/"),
        *("https://example.com/a b", "https://example.com\\@10.0.0.1/", "https://[::1"),
        *("https://10.0.0.1/", "https://[fe80::1]/", "https://[::ffff:10.0.0.1]/"),
        *("http://127.0.0.1/", "https://127.0.0.1/", "http://localhost/", "https://[::1]/"),
        "https://example.com/" + "x" * MAX_URL_CHARACTERS,
    ],
)
def test_anything_else_is_refused_with_what_it_must_be(url: str) -> None:
    with pytest.raises(ValueError, match="must"):
        checked_url(url, allow_loopback=False)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/", "http://localhost/", "https://[::1]/"])
def test_http_goes_to_this_machine_alone_where_that_is_allowed(url: str) -> None:
    assert checked_url(url, allow_loopback=True) == url
    with pytest.raises(ValueError, match="https"):
        checked_url("http://example.com/", allow_loopback=True)
