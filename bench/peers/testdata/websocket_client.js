// weir's WebSocket conformance walk by node's ws: arguments are a URL and, for
// wss, the file of an authority. One line for each case, then their number.
const WebSocket = require('ws')
const crypto = require('crypto')
const { once } = require('events')

const [, , base, authority] = process.argv
const tls = authority ? { ca: require('fs').readFileSync(authority) } : {}
let n = 0

const open = (path, more = {}, protocols = []) => new WebSocket(base + path, protocols, { maxPayload: 32 << 20, ...tls, ...more })
const connect = async (path, more, protocols) => {
  const ws = open(path, more, protocols)
  await once(ws, 'open')
  return ws
}

function ok (name, so, what = '') {
  if (!so) {
    console.error(`${name}: ${what}`)
    process.exit(1)
  }
  n++
  console.log('ok', name)
}

const message = async ws => (await once(ws, 'message'))[0]

const closed = async id => (await message(open(`/closed?id=${id}`))).toString()

async function main () {
  for (const perMessageDeflate of [false, true]) {
    const ws = await connect('/echo', { perMessageDeflate })
    ok(`extensions with ${perMessageDeflate}`, (ws.extensions !== '') === perMessageDeflate, ws.extensions)
    for (const size of [0, 1, 125, 126, 65535, 65536, 1 << 20, 16 << 20]) {
      const data = Buffer.concat([crypto.randomBytes(size >> 1), Buffer.alloc(size - (size >> 1))])
      ws.send(data)
      const [got, binary] = await once(ws, 'message')
      ok(`binary of ${size}, ${perMessageDeflate}`, binary && got.equals(data))
      const text = 'æ'.repeat(size >> 1)
      ws.send(text)
      const [said, isBinary] = await once(ws, 'message')
      ok(`text of ${size}, ${perMessageDeflate}`, !isBinary && said.toString() === text)
    }
    const echoed = message(ws)
    let whole = ''
    for (let i = 0; i < 20; i++) {
      const piece = String(i).repeat(1000)
      whole += piece
      ws.send(piece, { fin: i === 19 })
      const pong = once(ws, 'pong')
      ws.ping(`between ${i}`)
      ok('a ping between fragments', (await pong)[0].toString() === `between ${i}`)
    }
    ok('the fragments', (await echoed).toString() === whole)
    const pong = once(ws, 'pong')
    ws.ping(Buffer.alloc(125, 'p'))
    ok('the largest ping', (await pong)[0].length === 125)
    ws.close()
    await once(ws, 'close')
  }
  for (const code of [1000, 1001, 1008, 1011, 3000, 4999]) {
    const ws = await connect(`/echo?id=${code}`)
    ws.close(code, "client's reason")
    await once(ws, 'close')
    const got = await closed(code)
    ok(`closed by the client with ${code}`, got === `${code} client's reason`, got)
    const [said, reason] = await once(open(`/close?code=${code}`), 'close')
    ok(`closed by the server with ${code}`, said === code && reason.toString() === "server's reason", said)
  }
  const dropped = open('/drop')
  dropped.on('error', () => {})
  const [code] = await once(dropped, 'close')
  ok('closed without a close frame', code === 1006, code)
  ok("a ping of the server's", (await message(open('/ping'))).toString() === 'answered')
  const chat = await connect('/echo', {}, ['x', 'v1.chat'])
  ok('a subprotocol', chat.protocol === 'v1.chat', chat.protocol)
  chat.terminate()
  for (const status of [400, 403, 426]) {
    const [, response] = await once(open(`/refuse?status=${status}`), 'unexpected-response')
    ok(`refused with ${status}`, response.statusCode === status && response.headers['x-why'] === 'asked for', response.statusCode)
    response.destroy()
  }
  console.log(n, 'cases')
  process.exit(0)
}

main().catch(e => { console.error(e); process.exit(1) })
