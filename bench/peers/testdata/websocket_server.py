# A WebSocket server for weir's conformance walk: python3-websockets on the port
# of argv[1]. What it does is said by the path.
import asyncio, http, sys, urllib.parse
import websockets

closed = {}  # id of a connection: how it was closed


async def handle(ws, path):
    url = urllib.parse.urlsplit(path)
    query = dict(urllib.parse.parse_qsl(url.query))
    if url.path == "/closed":
        while query["id"] not in closed:
            await asyncio.sleep(0.005)
        await ws.send(closed[query["id"]])
        return
    if url.path == "/close":
        await ws.close(int(query["code"]), "server's reason")
    elif url.path == "/drop":
        ws.transport.abort()
    elif url.path == "/ping":
        await (await ws.ping(b"are you there"))
        await ws.send("answered")
    try:
        async for message in ws:
            await ws.send(message)
    except websockets.ConnectionClosed:
        pass
    await ws.wait_closed()
    closed[query.get("id")] = f"{ws.close_code} {ws.close_reason}"


async def process(path, headers):
    url = urllib.parse.urlsplit(path)
    if url.path == "/refuse":
        status = int(dict(urllib.parse.parse_qsl(url.query))["status"])
        return http.HTTPStatus(status), [("X-Why", "asked for")], b"no\n"


async def main():
    async with websockets.serve(handle, "127.0.0.1", int(sys.argv[1]), max_size=32 << 20,
                                subprotocols=["v2.chat", "v1.chat"], process_request=process):
        await asyncio.Future()

asyncio.run(main())
