// A WebSocket server for weir's conformance walk: node's ws on the port of the
// first argument. What it does is said by the path.
const { WebSocketServer } = require('ws')
const http = require('http')

const closed = new Map() // id of a connection: how it was closed
const server = http.createServer()
const sockets = new WebSocketServer({
  noServer: true, perMessageDeflate: true, maxPayload: 32 << 20,
  handleProtocols: offered => ['v2.chat', 'v1.chat'].find(p => offered.has(p)) || false,
})
server.on('upgrade', (request, socket, head) => {
  const url = new URL(request.url, 'http://x')
  if (url.pathname === '/refuse') {
    const status = url.searchParams.get('status')
    socket.end(`HTTP/1.1 ${status} No\r\nX-Why: asked for\r\nContent-Length: 3\r\n\r\nno\n`)
    return
  }
  sockets.handleUpgrade(request, socket, head, ws => {
    ws.on('error', () => {})
    const id = url.searchParams.get('id')
    if (url.pathname === '/closed') {
      const wait = setInterval(() => {
        if (!closed.has(id)) return
        clearInterval(wait)
        ws.send(closed.get(id))
        ws.close()
      }, 5)
      return
    }
    ws.on('close', (code, reason) => closed.set(id, `${code} ${reason}`))
    switch (url.pathname) {
      case '/close': return ws.close(Number(url.searchParams.get('code')), "server's reason")
      case '/drop': return ws.terminate()
      case '/ping':
        ws.on('pong', data => ws.send(data.toString() === 'are you there' ? 'answered' : 'something else'))
        return ws.ping('are you there')
    }
    ws.on('message', (data, binary) => ws.send(data, { binary }))
  })
})
server.listen(Number(process.argv[2]), '127.0.0.1')
