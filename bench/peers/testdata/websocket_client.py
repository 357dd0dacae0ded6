# weir's WebSocket conformance walk by python3-websockets: argv are a URL and,
# for wss, the file of an authority. One line for each case, then their number.
import asyncio, os, ssl, sys
import websockets

base, n = sys.argv[1], 0
tls = {"ssl": ssl.create_default_context(cafile=sys.argv[2])} if len(sys.argv) > 2 else {}


def connect(path, **more):
    return websockets.connect(base + path, max_size=32 << 20, **tls, **more)


def ok(name, so, what=""):
    global n
    if not so:
        sys.exit(f"{name}: {what}")
    n += 1
    print("ok", name)


async def closed(id):
    async with connect(f"/closed?id={id}") as ws:
        return await ws.recv()


async def main():
    for compression in (None, "deflate"):
        async with connect("/echo", compression=compression) as ws:
            ok(f"extensions with {compression}", bool(ws.extensions) == bool(compression), ws.extensions)
            for size in (0, 1, 125, 126, 65535, 65536, 1 << 20, 16 << 20):
                data = os.urandom(size // 2) + bytes(size - size // 2)
                await ws.send(data)
                ok(f"binary of {size}, {compression}", await ws.recv() == data)
                text = "æ" * (size // 2)
                await ws.send(text)
                ok(f"text of {size}, {compression}", await ws.recv() == text)

            async def pieces():
                for i in range(20):
                    yield b"%d" % i * 1000
                    await (await ws.ping(b"between %d" % i))
            await ws.send(pieces())
            want = b"".join(b"%d" % i * 1000 for i in range(20))
            ok(f"pings between fragments, {compression}", await ws.recv() == want)
            await (await ws.ping(b"p" * 125))
            ok("the largest ping", True)
    for code in (1000, 1001, 1008, 1011, 3000, 4999):
        async with connect(f"/echo?id={code}") as ws:
            await ws.close(code, "client's reason")
        ok(f"closed by the client with {code}", (got := await closed(code)) == f"{code} client's reason", got)
        async with connect(f"/close?code={code}") as ws:
            await ws.wait_closed()
        ok(f"closed by the server with {code}", (ws.close_code, ws.close_reason) == (code, "server's reason"), ws.close_code)
    async with connect("/drop") as ws:
        await ws.wait_closed()
    ok("closed without a close frame", ws.close_code == 1006, ws.close_code)
    async with connect("/ping") as ws:
        ok("a ping of the server's", await ws.recv() == "answered")
    async with connect("/echo", subprotocols=["x", "v1.chat"]) as ws:
        ok("a subprotocol", ws.subprotocol == "v1.chat", ws.subprotocol)
    for status in (400, 403, 426):
        try:
            async with connect(f"/refuse?status={status}"):
                ok(f"refused with {status}", False, "it was not")
        except websockets.InvalidStatusCode as e:
            ok(f"refused with {status}", (e.status_code, e.headers["x-why"]) == (status, "asked for"), e)
    print(n, "cases")

asyncio.run(main())
