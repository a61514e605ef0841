"""Requests that no good client sends, each with the statuses that may answer it: what hostile-clients plays.

CLOSED stands for no answer, where HTTP has none. Requests of another length than they say, of other types, with tricks
in their paths and fields, and garbage are bytes; clients that are slow, large or gone are functions in hostile-clients.
"""

import json
import random
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

CLOSED = 0
JSON = "application/json"
SOUND = "audio/wav"
ANY = "application/octet-stream"
TEXT = b'{"text":"a red cube"}'
SOUND_ROUTES = ["/v1/clouds", "/v1/scenes", "/v1/features"]
ROUTES = [*SOUND_ROUTES, "/v1/scenes/render", "/v1/describe", "/v1/audio/transcriptions"]


@dataclass
class Case:
    """What is sent, and the statuses that may answer it."""

    name: str
    sent: bytes | Callable[[socket.socket], None]
    expected: set[int]
    # Whether the client says that nothing more will come.
    ends: bool = False
    slow: bool = False


def request(
    path: str,
    body: bytes = b"",
    kind: str | None = JSON,
    *fields: str,
    method: str = "POST",
    version: str = "HTTP/1.1",
    length: str | None = "",
) -> bytes:
    """A request; `length` is what it says of its body, "" for the truth and None for nothing."""
    lines = [f"{method} {path} {version}", "Host: localhost"]
    if kind is not None:
        lines.append(f"Content-Type: {kind}")
    if length is not None:
        lines.append(f"Content-Length: {length or len(body)}")
    return "\r\n".join([*lines, *fields, "", ""]).encode("latin-1") + body


def form(*parts: bytes, boundary: bytes = b"b", end: bytes = b"--\r\n") -> bytes:
    """A multipart body of whole parts."""
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + end


def field(name: str, value: bytes, *extra: str) -> bytes:
    """One part of a form."""
    return "\r\n".join([f'Content-Disposition: form-data; name="{name}"', *extra, "", ""]).encode() + value


def wave(samples: int = 16_000, *, rate: int = 16_000, channels: int = 1, bits: int = 16, says: int = -1) -> bytes:
    """A WAV file with silence; `says` is the length that its chunk of samples claims."""
    data = bytes(samples * max(1, channels) * max(1, bits // 8))
    frame = channels * bits // 8
    head = struct.pack("<HHIIHH", 1, channels, rate, rate * frame & 0xFFFFFFFF, frame & 0xFFFF, bits)
    says = len(data) if says < 0 else says
    body = b"WAVEfmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", says) + data
    return b"RIFF" + struct.pack("<I", min(0xFFFFFFFF, len(body))) + body


def truncated() -> Iterator[Case]:
    """Less than was promised, and then no more."""
    for route in ROUTES:
        kind = JSON if "render" in route else "multipart/form-data; boundary=b"
        yield Case(f"half a head of {route}", f"POST {route} HTTP/1.1\r\nHost: loc".encode(), {400}, ends=True)
        yield Case(f"no body for {route}", request(route, b"", kind, length="100"), {400}, ends=True)
        yield Case(f"half a body for {route}", request(route, TEXT, kind, length="100"), {400}, ends=True)
        begun = form(field("file", wave(), 'X: filename="a.wav"'), end=b"")[:-8]
        yield Case(
            f"half a form for {route}",
            request(route, begun, "multipart/form-data; boundary=b"),
            {415} if "render" in route else {400},
        )
        chunked = request(route, b'5\r\n{"tex', kind, "Transfer-Encoding: chunked", length=None)
        yield Case(f"half a chunk for {route}", chunked, {400}, ends=True)
    yield Case("nothing at all", b"", {CLOSED}, ends=True)
    yield Case("one letter", b"P", {400}, ends=True)
    yield Case("a line's half", b"POST /v1/clouds", {400}, ends=True)
    yield Case("empty lines alone", b"\r\n\r\n\r\n", {CLOSED}, ends=True)


def lying() -> Iterator[Case]:
    """Lengths that are none, or not those of the body."""
    for says, status in {
        "-1": 400,
        "+21": 400,
        "0x15": 400,
        "21.0": 400,
        "2 1": 400,
        "21, 21": 400,
        "21, 22": 400,
        "abc": 400,
        "9" * 30: 400,
        str(2**63): 413,
        str(2**64): 400,
        str(2**64 - 1): 413,
        str(10**10): 413,
        "21\t": 400,
        "021": 200,
    }.items():
        yield Case(f"Content-Length: {says[:25]!r}", request("/v1/clouds?points=16", TEXT, length=says), {status})
    yield Case("an empty Content-Length", request("/v1/clouds", TEXT, JSON, "Content-Length:", length=None), {400})
    yield Case("two lengths that differ", request("/v1/clouds", TEXT, JSON, "Content-Length: 5"), {400})
    yield Case("two lengths alike", request("/v1/clouds", TEXT, JSON, "Content-Length: 21"), {400})
    yield Case(
        "a length before a colon apart", request("/v1/clouds", TEXT, JSON, "Content-Length : 21", length=None), {400}
    )
    yield Case("a length and chunks", request("/v1/clouds", TEXT, JSON, "Transfer-Encoding: chunked"), {400})
    yield Case("less than comes", request("/v1/clouds?points=16", TEXT + b"rest", length="21"), {200})
    yield Case("no length for a body", request("/v1/clouds", TEXT, length=None), {400})
    yield Case("a body for GET", request("/health", TEXT, method="GET"), {200})


def chunks() -> Iterator[Case]:
    """Chunks that are none."""

    def chunked(body: bytes, *fields: str, coding: str = "chunked", version: str = "HTTP/1.1") -> bytes:
        return request(
            "/v1/clouds?points=16", body, JSON, f"Transfer-Encoding: {coding}", *fields, length=None, version=version
        )

    whole = b"15\r\n" + TEXT + b"\r\n0\r\n\r\n"
    for name, body, status in [
        ("good ones", whole, 200),
        ("a size that is no number", b"zz\r\nabc\r\n0\r\n\r\n", 400),
        ("a negative size", b"-5\r\nabcde\r\n0\r\n\r\n", 400),
        ("a size beyond all", b"F" * 17 + b"\r\nabc", 400),
        ("a size of 64 bits", b"F" * 16 + b"\r\nabc", 400),
        ("a size with a prefix", b"0x5\r\nabcde\r\n0\r\n\r\n", 400),
        ("an empty size", b"\r\nabc\r\n0\r\n\r\n", 400),
        ("no line's end after a chunk", b"5\r\nabcdeXX0\r\n\r\n", 400),
        ("bare line feeds", b"15\n" + TEXT + b"\n0\n\n", 400),
        ("less than its size", b"15\r\n{}\r\n0\r\n\r\n", 400),
        ("an endless extension", b"5;" + b"x" * 200_000 + b"\r\nabcde\r\n0\r\n\r\n", 400),
        ("many trailers", b"15\r\n" + TEXT + b"\r\n0\r\n" + b"X: y\r\n" * 5_000 + b"\r\n", 431),
        ("a byte at a time", b"".join(b"1\r\n%c\r\n" % byte for byte in TEXT) + b"0\r\n\r\n", 200),
        ("only an end", b"0\r\n\r\n", 400),
    ]:
        yield Case(f"chunks: {name}", chunked(body), {status}, ends=status == 400)
    for coding, status in {
        "gzip": 400,
        "gzip, chunked": 200,
        "chunked, gzip": 400,
        "chunked, chunked": 400,
        "identity": 400,
        "xchunked": 400,
        "": 400,
        "chunked;q=1": 400,
    }.items():
        yield Case(f"Transfer-Encoding: {coding!r}", chunked(whole, coding=coding), {status}, ends=True)
    yield Case("chunks for HTTP/1.0", chunked(whole, version="HTTP/1.0"), {200, 400}, ends=True)
    yield Case("two codings", chunked(whole, "Transfer-Encoding: identity"), {400}, ends=True)


def types() -> Iterator[Case]:
    """Bodies that are not what they are called."""
    for kind in [
        "text/html",
        "image/png",
        "application/xml",
        "application/x-www-form-urlencoded",
        ";;;",
        "a" * 5_000,
        "",
        None,
        "multipart/mixed; boundary=b",
        "application/json5",
        "*/*",
    ]:
        for route in ["/v1/clouds", "/v1/scenes/render"]:
            yield Case(f"{str(kind)[:20]!r} for {route}", request(route, TEXT, kind), {415})
    yield Case("JSON for sound", request("/v1/features", TEXT, JSON), {415})
    yield Case("sound for a form", request("/v1/audio/transcriptions", wave(), SOUND), {415})
    for name, body, status in [
        ("nothing", b"", 400),
        ("a number", b"7", 400),
        ("null", b"null", 400),
        ("a list", b"[]", 400),
        ("NaN", b"NaN", 400),
        ("half an object", b'{"text":', 400),
        ("two objects", TEXT + TEXT, 400),
        ("a comment", b"/* */" + TEXT, 400),
        ("UTF-16", TEXT.decode().encode("utf-16"), 200),
        ("no UTF-8", b'{"text":"\xff\xfe"}', 400),
        ("half a surrogate", b'{"text":"\\ud800"}', 400),
        ("deep lists", b'{"text":' + b"[" * 100_000, 400),
        ("deep objects", b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400),
        ("a large number", b'{"text":"a red cube","seed":1e400}', 400),
        ("a NUL", b'{"text":"a \\u0000 cube"}', 200),
        ("a million letters", b'{"text":"' + b"a" * 1_000_000 + b'"}', 422),
        ("a million words", b'{"text":"' + b"red " * 500_000 + b'"}', 422),
        ("a text that is a list", b'{"text":["a"]}', 400),
        ("true", b'{"text":true}', 400),
        ("an object of null", b'{"text":null}', 400),
        ("an empty text", b'{"text":""}', 422),
        ("a strange member", b'{"text":"a red cube","__proto__":1}', 400),
        ("commands", b'{"text":"$(reboot); `reboot`"}', 422),
        ("markup", b'{"text":"<script>alert(1)</script>"}', 422),
        ("control letters", b'{"text":"\\u001b[2J"}', 422),
    ]:
        yield Case(f"JSON: {name}", request("/v1/clouds?points=16", body), {status})


def forms() -> Iterator[Case]:
    """Forms that are none."""

    def posted(body: bytes, kind: str = "multipart/form-data; boundary=b") -> bytes:
        return request("/v1/clouds?points=16", body, kind)

    text = field("text", b"a red cube")
    for name, sent, status in [
        ("a good one", posted(form(text)), 200),
        ("no boundary", posted(form(text), "multipart/form-data"), 400),
        ("an empty boundary", posted(form(text), "multipart/form-data; boundary="), 400),
        ("a long boundary", posted(form(text), f"multipart/form-data; boundary={'b' * 71}"), 400),
        ("another boundary", posted(form(text, boundary=b"c")), 400),
        ("no parts", posted(b"--b--\r\n"), 400),
        ("an empty body", posted(b""), 400),
        ("a part without a name", posted(form(b"\r\nx")), 400),
        ("a part that is attached", posted(form(b'Content-Disposition: attachment; name="text"\r\n\r\nx')), 400),
        ("a field twice", posted(form(text, text)), 400),
        ("a strange field", posted(form(text, field("size", b"9"))), 400),
        ("many fields", posted(form(*(field(f"f{index}", b"") for index in range(65)))), 400),
        ("a long field", posted(form(field("text", b"a" * 70_000))), 413),
        ("a long head of a part", posted(form(b"X: " + b"y" * 20_000 + b"\r\n" + text)), 400),
        ("two files", posted(form(field("file", wave()), field("audio", wave()))), 400),
        ("a file and a text", posted(form(field("file", wave()), text)), 400),
        ("a name that is a path", posted(form(field("file", b"x", 'X: filename="../../etc/passwd"'))), 415),
        ("no UTF-8", posted(form(field("text", b"\xff\xfe"))), 400),
        ("a form in a form", posted(form(field("text", form(text, boundary=b"c")))), 422),
    ]:
        yield Case(f"form: {name}", sent, {status})


def recordings() -> Iterator[Case]:
    """Sound that is none, and clouds that are none."""
    noise = random.Random(1)
    for name, body, status in [
        ("nothing", b"", 422),
        ("RIFF alone", b"RIFF", 415),
        ("an MP3", b"ID3\x04" + bytes(2_000), 415),
        ("a PNG", b"\x89PNG\r\n\x1a\n" + bytes(200), 415),
        ("silence", wave(), 422),
        ("no channels", wave(channels=0), 415),
        ("many channels", wave(100, channels=255), 422),
        ("no rate", wave(rate=0), 422),
        ("a rate of 4 GHz", wave(rate=0xFFFFFFFF), 422),
        ("no bits", wave(bits=0), 415),
        ("a length of 4 GiB", wave(says=0xFFFFFFFF), 422),
        ("half of its samples", wave()[:-9_000], 422),
        ("no samples", wave(0), 422),
        ("Ogg garbage", b"OggS" + noise.randbytes(5_000), 422),
        ("FLAC garbage", b"fLaC" + noise.randbytes(5_000), 422),
        ("noise", noise.randbytes(50_000), 415),
        ("zip", b"PK\x03\x04" + noise.randbytes(500), 415),
        ("text", b"a red cube", 415),
        ("an hour", wave(3_600 * 100, rate=100), 422),
    ]:
        for route in ["/v1/clouds", "/v1/features"]:
            # Silence has features, and a length of all ones is a stream's.
            expected = {200} if "features" in route and name in ("silence", "a length of 4 GiB") else {status}
            yield Case(f"{name} as sound for {route}", request(route, body, SOUND), expected)
    vertices = (
        b"ply\nformat ascii 1.0\nelement vertex %d\nproperty float x\nproperty float y\nproperty float z\nend_header\n"
    )
    for name, body in [
        ("nothing", b""),
        ("a head alone", b"ply\n"),
        ("10^12 vertices", vertices % 10**12),
        ("-1 vertices", vertices % -1),
        ("no vertices", vertices % 0),
        ("numbers that are none", vertices % 2 + b"nan inf x\n1 2\n"),
        ("GLB of 4 GiB", b"glTF\x02\0\0\0\xff\xff\xff\xff" + bytes(50)),
        ("garbage", noise.randbytes(3_000)),
        ("OBJ without places", b"f 1 2 3\n"),
        ("one endless line", b"ply\n" + b"x" * 500_000),
    ]:
        yield Case(f"{name} as a cloud", request("/v1/describe", body, ANY), {415, 422})
    for name, body in [
        ("nobody's noun", b'{"objects":[{"noun":"elephant"}]}'),
        ("no objects", b'{"objects":[]}'),
        ("300 objects", json.dumps({"objects": [{"noun": "chair"}] * 300}).encode()),
        ("-1 copies", b'{"objects":[{"noun":"chair","copies":-1}]}'),
        ("10^9 copies", b'{"objects":[{"noun":"chair","copies":1000000000}]}'),
        ("a relation to itself", b'{"objects":[{"noun":"chair","relation":{"words":"on","to":0}}]}'),
        ("a relation to nobody", b'{"objects":[{"noun":"chair","relation":{"words":"on","to":9}}]}'),
        ("a noun of a megabyte", json.dumps({"objects": [{"noun": "a" * 1_000_000}]}).encode()),
        ("signals that are none", b'{"objects":[{"noun":"chair","signals":{"scale":1e39}}]}'),
    ]:
        yield Case(f"{name} as a scene", request("/v1/scenes/render", body), {400, 422})


def paths() -> Iterator[Case]:
    """Paths that lead elsewhere."""
    for path, status in {
        "/../../etc/passwd": 404,
        "/page/../../../etc/passwd": 404,
        "/%2e%2e/%2e%2e/etc/passwd": 404,
        "/page/..%2f..%2fetc%2fpasswd": 404,
        "/page/style.css%00.js": 404,
        "/page/": 404,
        "/page/%ff": 404,
        "//etc/passwd": 404,
        "/page\\..\\app.js": 404,
        "/v1/clouds;a=b": 404,
        "/V1/CLOUDS": 404,
        "/" + "a" * 60_000: 404,
        "/" + "a/" * 5_000: 404,
        "/" + "a" * 200_000: 431,
        "*": 404,
        "health": 400,
        "http://evil.example/health": 421,
        "http://localhost/health": 200,
        "/health?": 200,
        "/health#a": 404,
        "/%": 404,
        "/\x7f": 400,
        "/\xe9": 400,
        "/health%20": 404,
        "/.git/config": 404,
        "/health/": 200,
    }.items():
        yield Case(f"GET {path[:40]!r}", request(path, kind=None, method="GET", length=None), {status})
    for query, status in {
        "points=0": 400,
        "points=-1": 400,
        "points=1e3": 400,
        "points=10000000": 400,
        "points=": 400,
        "points": 400,
        "points=1&points=2": 400,
        "poInts=1": 400,
        "seed=-1": 400,
        "seed=18446744073709551616": 400,
        "steps=0": 400,
        "steps=1001": 400,
        "guidance=nan": 400,
        "guidance=inf": 400,
        "pause=0": 400,
        "channel=0": 400,
        "channel=33": 400,
        "format=../x": 400,
        "signals=": 400,
        "least_confidence=2": 400,
        "%ff=1": 400,
        "points=%": 400,
        "points=%zz": 400,
        "&".join(f"a{index}=1" for index in range(5_000)): 400,
        "&&&&": 200,
        "=1": 400,
        "a" * 50_000: 400,
        "points=16%00": 400,
        "points=１６": 400,
    }.items():
        yield Case(f"?{query[:40]}", request(f"/v1/clouds?{query.encode().decode('latin-1')}", TEXT), {status})


def methods() -> Iterator[Case]:
    """Methods that are not the path's."""
    for method in ["GET", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "OPTIONS"]:
        yield Case(f"{method} /v1/clouds", request("/v1/clouds", kind=None, method=method, length=None), {405})
    for method, status in {"get": 400, "FOO": 400, "G" * 10_000: 400, "GE T": 400, "\0": 400, "": 400}.items():
        yield Case(f"{method[:10]!r} /health", request("/health", kind=None, method=method, length=None), {status})
    yield Case("POST /health", request("/health", TEXT), {405})
    yield Case("CONNECT", b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", {400, 405, 421})
    yield Case("HTTP/2 at once", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505})


def heads() -> Iterator[Case]:
    """Heads that are too large, or no heads."""

    def get(*lines: str, first: str = "GET /health HTTP/1.1", host: str | None = "Host: localhost") -> bytes:
        return "\r\n".join([first, *([host] if host else []), *lines, "", ""]).encode("latin-1")

    for name, sent, status in [
        ("5,000 fields", get(*(f"X{index}: y" for index in range(5_000))), 431),
        ("one of 100 KB", get("X: " + "y" * 100_000), 431),
        ("a name of 100 KB", get("x" * 100_000 + ": y"), 431),
        ("a field that never ends", get("X: " + "y" * 1_000_000), 431),
        ("a NUL in a value", get("X: a\0b"), 400),
        ("a NUL in a name", get("X\0: b"), 400),
        ("no colon", get("nonsense"), 400),
        ("no name", get(": y"), 400),
        ("a space in a name", get("X Y: z"), 400),
        ("a folded line", get("X: a", " b"), 400),
        ("bare line feeds", get().replace(b"\r\n", b"\n"), 505),
        ("bare returns", get().replace(b"\r\n", b"\r"), 400),
        ("8-bit letters", get("X: \xe9\xff"), 200),
        ("no host", get(host=None), 400),
        ("two hosts", get("Host: localhost"), 400),
        ("an empty host", get(host="Host:"), 400),
        ("another's host", get(host="Host: evil.example"), 421),
        ("a host that is garbage", get(host="Host: @:?#"), 421),
        ("a host that begins well", get(host="Host: localhost.evil.example"), 421),
        ("a host with a name in it", get(host="Host: evil.example@localhost"), 421),
        ("another site's page", get("Origin: https://evil.example"), 403),
        ("nobody's page", get("Origin: null"), 403),
        ("an expectation", get("Expect: a-miracle"), 200),
        ("an upgrade", get("Connection: Upgrade", "Upgrade: h2c"), 200),
        ("HTTP/0.9", b"GET /health\r\n\r\n", 505),
        ("HTTP/1.2", get(first="GET /health HTTP/1.2"), 505),
        ("HTTP/3.0", get(first="GET /health HTTP/3.0"), 505),
        ("HTP/1.1", get(first="GET /health HTP/1.1"), 400),
        ("HTTP/1.1 twice", get(first="GET /health HTTP/1.1 HTTP/1.1"), 505),
        ("http/1.1", get(first="GET /health http/1.1"), 400),
        ("HTTP/1.0", get(first="GET /health HTTP/1.0", host=None), 200),
        ("a strange range", get("Range: bytes=0-,0-,0-", "If-None-Match: *"), 200),
        ("an absurd Accept", request("/v1/clouds?points=16", TEXT, JSON, "Accept: " + "a/b;q=0.1," * 3_000), 406),
        ("a shell in the agent", get("User-Agent: () { :;}; /bin/false"), 200),
    ]:
        yield Case(f"head: {name}", sent, {status} if status != 505 else {400, 505})


def garbage() -> Iterator[Case]:
    """What is no HTTP."""
    noise = random.Random(2)
    for name, sent in [
        ("TLS", bytes.fromhex("16030102000100") + b"\x01\xfc\x03\x03" + noise.randbytes(500)),
        ("SSH", b"SSH-2.0-OpenSSH_9.0\r\n"),
        ("SMTP", b"EHLO evil.example\r\nMAIL FROM:<a@b>\r\n"),
        ("Redis", b"*1\r\n$4\r\nPING\r\n"),
        ("memcached", b"stats\r\n"),
        ("PostgreSQL", struct.pack(">II", 8, 80877103)),
        ("RTSP", b"OPTIONS rtsp://localhost/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
        ("zeros", bytes(10_000)),
        ("ones", b"\xff" * 10_000),
        ("a megabyte of noise", noise.randbytes(1 << 20)),
        ("a megabyte of one line", b"A" * (1 << 20)),
        ("an answer", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ("a PROXY line", b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        *((f"noise {seed}", random.Random(seed).randbytes(1_000)) for seed in range(8)),
    ]:
        yield Case(f"garbage: {name}", sent, {405} if name == "RTSP" else {400, 431}, ends=True)
    good = request("/health", kind=None, method="GET", length=None)
    for seed in range(8):
        noise = random.Random(100 + seed)
        bent = bytearray(request("/v1/clouds?points=16", TEXT))
        for _ in range(3):
            bent[noise.randrange(len(bent))] = noise.randrange(256)
        yield Case(
            f"a good request with three other bytes, {seed}",
            bytes(bent),
            {200, 400, 404, 405, 415, 421, 422, 505},
            ends=True,
        )
    yield Case("fifty at once", good * 50, {200})
    yield Case("a good one, then garbage", good + b"\0\1\2\3\r\n\r\n", {200})
    yield Case("one inside another", request("/health", good, method="GET"), {200})


def all_bytes() -> Iterator[Case]:
    """All of these."""
    for group in [truncated, lying, chunks, types, forms, recordings, paths, methods, heads, garbage]:
        yield from group()
