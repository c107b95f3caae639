"""Every bad input is answered by a problem that names what is wrong, and reaches no log."""

import asyncio
import gzip
from typing import NamedTuple

import pytest

from tests.unit.http.world import JSON, Api, World

GOOD = '{"user_id":"u","amount":1}'


class Bad(NamedTuple):
    name: str
    body: bytes | str
    status: int
    code: str
    field: str
    headers: dict[str, str] = {}  # noqa: RUF012 (never written to)


def not_json(name: str, body: bytes | str) -> Bad:
    return Bad(name, body, 400, "malformed_body", "body")


def wrong(name: str, body: bytes | str, field: str) -> Bad:
    return Bad(name, body, 422, "invalid_field", field)


def wrong_user(name: str, json: str) -> Bad:
    return wrong(f"user_id: {name}", f'{{"user_id":{json},"amount":1}}', "user_id")


def wrong_amount(name: str, json: str) -> Bad:
    return wrong(f"amount: {name}", f'{{"user_id":"u","amount":{json}}}', "amount")


def with_field(name: str, field: str, json: str) -> Bad:
    return wrong(name, f'{{"user_id":"u","amount":1,"{field}":{json}}}', field)


def media(name: str, content_type: str) -> Bad:
    headers = {"Content-Type": content_type}
    return Bad(name, GOOD, 415, "unsupported_media_type", "Content-Type", headers)


def encoded(name: str, encoding: str, body: bytes | str = GOOD) -> Bad:
    headers = {"Content-Encoding": encoding}
    return Bad(name, body, 415, "unsupported_content_encoding", "Content-Encoding", headers)


def key(name: str, value: str) -> Bad:
    headers = {"Idempotency-Key": value}
    return Bad(name, GOOD, 422, "invalid_field", "Idempotency-Key", headers)


BODIES = [
    not_json("no JSON", "user_id=u&amount=1"),
    not_json("empty", ""),
    not_json("white space", "   "),
    not_json("cut short", GOOD[:-1]),
    not_json("two values", GOOD + GOOD),
    not_json("single quotes", "{'user_id':'u'}"),
    not_json("a trailing comma", '{"user_id":"u","amount":1,}'),
    not_json("a comment", "/**/" + GOOD),
    not_json("a byte order mark", b"\xef\xbb\xbf" + GOOD.encode()),
    not_json("UTF-16", GOOD.encode("utf-16")),
    not_json("invalid UTF-8", b'{"user_id":"\xff","amount":1}'),
    not_json("overlong UTF-8", b'{"user_id":"\xc0\x80","amount":1}'),
    not_json("a surrogate in UTF-8", b'{"user_id":"\xed\xa0\x80","amount":1}'),
    not_json("a raw control character", '{"user_id":"a\nb","amount":1}'),
    not_json("a raw NUL", '{"user_id":"a\0b","amount":1}'),
    not_json("arrays 10,000 deep", "[" * 10_000 + "]" * 10_000),
    not_json("arrays 10,000 deep, not closed", "[" * 10_000),
    not_json("objects 10,000 deep", '{"a":' * 10_000 + "1" + "}" * 10_000),
    not_json("33 deep in a field", f'{{"user_id":{"[" * 33 + "]" * 33},"amount":1}}'),
    not_json("NaN", '{"user_id":"u","amount":NaN}'),
    not_json("Infinity", '{"user_id":"u","amount":Infinity}'),
    not_json("-Infinity", '{"user_id":"u","amount":-Infinity}'),
    not_json("a leading zero", '{"user_id":"u","amount":01}'),
    not_json("a plus sign", '{"user_id":"u","amount":+1}'),
    not_json("no digits after the point", '{"user_id":"u","amount":1.}'),
    not_json("digits of another script", '{"user_id":"u","amount":١}'),
    not_json("hexadecimal", '{"user_id":"u","amount":0x10}'),
    not_json("an underscore", '{"user_id":"u","amount":1_000}'),
    wrong("an array", "[]", "body"),
    wrong("a string", '"u"', "body"),
    wrong("a number", "1", "body"),
    wrong("null", "null", "body"),
    Bad("over 64 KiB", " " * 65_537, 413, "body_too_large", "body"),
    wrong("unknown field", '{"user_id":"u","amount":1,"note":"x"}', "note"),
    wrong("type is not a field", '{"user_id":"u","amount":1,"type":"withdraw"}', "type"),
    wrong("fields are case-sensitive", '{"User_Id":"u","amount":1}', "User_Id"),
    wrong("unknown field of a lone surrogate", '{"\\ud800":1}', "?"),
    wrong("a long unknown field", f'{{"{"n" * 1000}":1}}', "n" * 64),
    wrong("duplicate field", '{"user_id":"u","amount":1,"amount":1}', "amount"),
    wrong("duplicate by escape", '{"user_id":"u","amount":1,"\\u0061mount":2}', "amount"),
    wrong("duplicate unknown field", '{"user_id":"u","amount":1,"x":1,"x":1}', "x"),
    wrong("missing user_id", '{"amount":1}', "user_id"),
    wrong("missing amount", '{"user_id":"u"}', "amount"),
    wrong("nothing in it", "{}", "user_id"),
    wrong_user("null", "null"),
    wrong_user("a number", "123"),
    wrong_user("true", "true"),
    wrong_user("an object", "{}"),
    wrong_user("an array", '["u"]'),
    wrong_user("32 deep", "[" * 31 + "]" * 31),
    wrong_user("empty", '""'),
    wrong_user("too long", f'"{"x" * 129}"'),
    wrong_user("NUL", '"a\\u0000b"'),
    wrong_user("a lone high surrogate", '"\\ud800"'),
    wrong_user("a lone low surrogate", '"a\\udc00"'),
    wrong_user("a control character", '"a\\u0001"'),
    wrong_user("a new line at the end", '"alice\\n"'),
    wrong_user("a space", '"a b"'),
    wrong_user("a settlement account", '"@settlement"'),
    wrong_user("the settlement account of a partition", '"@settlement:3"'),
    wrong_user("a letter beyond ASCII", '"é"'),
    wrong_user("digits of another script", '"١٢٣"'),
    wrong_user("full-width letters", '"ａｂｃ"'),
    wrong_user("a slash", '"a/b"'),
    wrong_user("a leading dot", '".a"'),
    wrong_user("a leading plus", '"+49170"'),
    wrong_amount("0", "0"),
    wrong_amount("0.00", "0.00"),
    wrong_amount("-0", "-0"),
    wrong_amount("0e5", "0e5"),
    wrong_amount("negative", "-1"),
    wrong_amount("more decimals than USD has", "1.005"),
    wrong_amount("a hair more", "1.00000000000000000000000000000000001"),
    wrong_amount("1e-3", "1e-3"),
    wrong_amount("1e400", "1e400"),
    wrong_amount("1e-400", "1e-400"),
    wrong_amount("1E+999999999", "1E+999999999"),
    wrong_amount("1e-999999999", "1e-999999999"),
    wrong_amount("1e99999999999999999999", "1e99999999999999999999"),
    wrong_amount("1e-99999999999999999999", "1e-99999999999999999999"),
    wrong_amount("0e99999999999999999999", "0e99999999999999999999"),
    wrong_amount("beyond 10^16 minor units", "100000000000000.01"),
    wrong_amount("beyond 64 bits", "18446744073709551617"),
    wrong_amount("100,000 digits", "9" * 60_000),
    wrong_amount("very many decimals", "1." + "0" * 60_000),
    wrong_amount("very many digits, as a string", f'"{"9" * 60_000}"'),
    wrong_amount('"NaN"', '"NaN"'),
    wrong_amount('"sNaN"', '"sNaN"'),
    wrong_amount('"Infinity"', '"Infinity"'),
    wrong_amount('" 1.5 "', '" 1.5 "'),
    wrong_amount('"1.5\\n"', '"1.5\\n"'),
    wrong_amount('"1_000"', '"1_000"'),
    wrong_amount('"1,000"', '"1,000"'),
    wrong_amount('"+1"', '"+1"'),
    wrong_amount('".5"', '".5"'),
    wrong_amount('"5."', '"5."'),
    wrong_amount('"0x10"', '"0x10"'),
    wrong_amount("digits of another script", '"١"'),
    wrong_amount("full-width digits", '"１"'),
    wrong_amount("a string with a point that is no object", '"1.5 USD"'),
    wrong_amount("empty", '""'),
    wrong_amount("true", "true"),
    wrong_amount("false", "false"),
    wrong_amount("null", "null"),
    wrong_amount("an array", "[1]"),
    wrong_amount("an object", '{"value":1}'),
    wrong("JPY has no decimals", '{"user_id":"u","amount":1.5,"currency":"JPY"}', "amount"),
    wrong("KWD has three", '{"user_id":"u","amount":1.0005,"currency":"KWD"}', "amount"),
    with_field("unknown currency", "currency", '"ABC"'),
    with_field("no minor units: gold", "currency", '"XAU"'),
    with_field("no minor units: no currency", "currency", '"XXX"'),
    with_field("lower case", "currency", '"usd"'),
    with_field("currency with a space", "currency", '"USD "'),
    with_field("currency with a new line", "currency", '"USD\\n"'),
    with_field("empty currency", "currency", '""'),
    with_field("numeric currency", "currency", "840"),
    with_field("full-width currency", "currency", '"ＵＳＤ"'),
    with_field("currency true", "currency", "true"),
    with_field("empty reference", "reference", '""'),
    with_field("long reference", "reference", f'"{"x" * 129}"'),
    with_field("NUL in the reference", "reference", '"a\\u0000b"'),
    with_field("surrogate in the reference", "reference", '"\\ud800"'),
    with_field("control character in the reference", "reference", '"a\\u0085"'),
    with_field("reference is no string", "reference", "7"),
    with_field("reference is an object", "reference", "{}"),
    media("no content type of ours", "text/plain"),
    media("a form", "application/x-www-form-urlencoded"),
    media("a kind of JSON", "application/problem+json"),
    media("another charset", "application/json; charset=iso-8859-1"),
    media("empty", ""),
    encoded("gzip", "gzip", gzip.compress(GOOD.encode())),
    encoded("gzip that is none", "gzip"),
    encoded("brotli", "br"),
    encoded("made up", "x-made-up"),
    key("long key", "k" * 256),
    key("empty quoted key", '""'),
    key("half-quoted key", '"k'),
    key("key with parameters", '"k";x=1'),
    key("wrong escape", '"a\\k"'),
    key("key beyond ASCII", "schlüssel"),
]


@pytest.mark.parametrize("bad", BODIES, ids=lambda bad: bad.name)
async def test_bad_input_is_named_and_goes_nowhere(api: Api, world: World, bad: Bad) -> None:
    headers = {name.replace("-", "_"): value for name, value in bad.headers.items()}
    other = await api.post("/withdraw", bad.body, **headers)
    assert (other.status, other.body["code"]) == (bad.status, bad.code)
    answer = await api.post("/deposit", bad.body, **headers)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status, answer.body["code"]) == (bad.status, bad.code), answer.text
    assert answer.body["field"] == bad.field
    assert answer.body["status"] == bad.status
    assert answer.body["request_id"] == answer.headers["X-Request-Id"]
    assert {"title", "detail"} <= answer.body.keys()
    assert len(answer.text) < 1_000
    assert world.records == []
    assert (await api.deposit()).status == 202


async def test_a_body_without_content_type_is_refused(api: Api, world: World) -> None:
    answer = await api.call(
        "POST", "/deposit", data=GOOD.encode(), skip_auto_headers=["Content-Type"]
    )
    assert (answer.status, answer.body["code"]) == (415, "unsupported_media_type")
    assert answer.headers["Accept"] == "application/json"
    assert world.records == []


async def test_a_body_of_64_kib_is_read(api: Api) -> None:
    body = GOOD + " " * (65_536 - len(GOOD))
    assert (await api.post("/deposit", body)).status == 202


async def test_a_chunked_body_is_limited_too(api: Api, world: World) -> None:
    async def chunks() -> object:
        for _ in range(100):
            yield b" " * 1_000
            await asyncio.sleep(0)

    answer = await api.call(
        "POST", "/deposit", data=chunks(), headers={"Content-Type": "application/json"}
    )
    assert (answer.status, answer.body["code"]) == (413, "body_too_large")
    assert world.records == []


async def test_a_chunked_body_is_read(api: Api, world: World) -> None:
    async def chunks() -> object:
        for byte in GOOD.encode():
            yield bytes([byte])
            await asyncio.sleep(0)

    answer = await api.call(
        "POST", "/deposit", data=chunks(), headers={"Content-Type": "application/json"}
    )
    assert answer.status == 202
    assert len(world.records) == 1


async def test_a_gzip_bomb_is_not_inflated(api: Api, world: World) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    answer = await api.post("/deposit", bomb, Content_Encoding="gzip")
    assert answer.status == 415
    assert answer.headers["Accept-Encoding"] == "identity"


async def test_two_keys_are_no_key(api: Api, world: World) -> None:
    headers = [*JSON.items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "a")]
    answer = await api.call("POST", "/deposit", data=GOOD, headers=headers)
    assert (answer.status, answer.body["field"]) == (422, "Idempotency-Key")
    assert world.records == []


async def test_commands_take_no_query(api: Api, world: World) -> None:
    for query, field in (("?wait=5", "wait"), ("?user_id=u", "user_id"), ("?=1", "query")):
        answer = await api.post("/deposit" + query, GOOD)
        assert (answer.status, answer.body["field"]) == (422, field)
    assert world.records == []


# Paths and methods


@pytest.mark.parametrize(
    "path", ["/", "/deposits", "/deposit/", "/balance", "/balance/a/b", "/.env", "/%00", "//"]
)
async def test_an_unknown_path_is_a_problem(api: Api, path: str) -> None:
    for method in ("GET", "POST", "MKCOL"):
        answer = await api.call(method, path)
        assert (answer.status, answer.body["code"]) == (404, "path_not_found")
        assert answer.body["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/deposit", "POST"),
        ("PUT", "/withdraw", "POST"),
        ("POST", "/balance/u", "GET, HEAD"),
        ("DELETE", "/transactions/x", "GET, HEAD"),
        ("PATCH", "/statement/u", "GET, HEAD"),
        ("OPTIONS", "/livez", "GET, HEAD"),
        ("MKCOL", "/deposit", "POST"),
    ],
)
async def test_a_wrong_method_is_a_problem_that_names_the_right_one(
    api: Api, method: str, path: str, allowed: str
) -> None:
    answer = await api.call(method, path)
    assert (answer.status, answer.body["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == allowed
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_made_up_methods_and_paths_make_no_metrics(api: Api) -> None:
    await api.call("MKCOL", "/nowhere-at-all")
    text = (await api.get("/metrics")).text
    assert 'method="other",route="unmatched",status="404"' in text
    assert "MKCOL" not in text
    assert "nowhere" not in text
