// The two ends of a probe, to be run by plain node inside a namespace.
//   node peer.mjs serve '{"name": "a", "tcp": [8080], "udp": [53], "address": "::"}'
//   node peer.mjs watch '{"address": "192.0.2.1", "port": 80}'    probes until TERM, then prints {"answers", "failures"}
//   node peer.mjs probe < [{"protocol": "tcp", "address": "192.0.2.1", "port": 80, "source": …, "timeout": …}]
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

const [mode, argument] = process.argv.slice(2)
if (mode === 'serve') await serve(JSON.parse(argument))
else if (mode === 'watch') await watch(JSON.parse(argument))
else process.stdout.write(JSON.stringify(await Promise.all(JSON.parse(readFileSync(0, 'utf8')).map(probe))))

async function serve({ name, tcp = [], udp = [], address = '::' }) {
  await Promise.all([
    ...tcp.map(async port => {
      const server = createServer((request, response) => {
        const { remoteAddress, localAddress, localPort } = request.socket
        console.log(`asked by ${plain(remoteAddress)}`)
        response.setHeader('connection', 'close')
        response.end(answer(name, remoteAddress, `${plain(localAddress)} ${localPort}`))
      })
      await once(server.listen(port, address), 'listening')
    }),
    ...udp.flatMap(port => udpAddresses(address).map(one => answerUdp(name, port, one))),
  ])
  console.log('ready')
}

async function answerUdp(name, port, address) {
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', reuseAddr: true })
  socket.on('message', (_, from) => {
    console.log(`asked by ${plain(from.address)}`)
    socket.send(answer(name, from.address, `${port}`), from.port, from.address)
  })
  socket.bind(port, address)
  await once(socket, 'listening')
}

/** A wildcard socket answers from the address the route out prefers; one for each address answers from that. */
function udpAddresses(address) {
  if (address !== '::') return [address]
  const own = Object.values(networkInterfaces()).flatMap(list => list.map(one => one.address))
  return ['::', ...own.filter(one => !one.startsWith('fe80:'))]
}

function answer(name, client, server) {
  return `${JSON.stringify({ name, client: plain(client), server })}\n`
}

/** An IPv4 client of a dual-stack socket shows as an IPv4-mapped address. */
function plain(address) {
  return address.replace(/^::ffff:(?=\d+\.)/, '')
}

async function probe({ protocol = 'tcp', timeout, ...target }) {
  const controller = new AbortController()
  // What has arrived meanwhile is heard first: this process may have had no turn for longer than the time is.
  const timer = setTimeout(() => setImmediate(() => controller.abort()), timeout)
  try {
    const text = await (protocol === 'udp' ? askUdp : askTcp)(target, controller.signal)
    return { ok: true, error: null, ...JSON.parse(text) }
  } catch (error) {
    const reason = controller.signal.aborted ? 'timeout' : (error.code ?? error.message)
    return { ok: false, name: null, client: null, server: null, error: reason }
  } finally {
    clearTimeout(timer)
  }
}

async function watch(target) {
  const failures = []
  let answers = 0
  let stopped = false
  process.once('SIGTERM', () => {
    stopped = true
  })
  while (!stopped) {
    const { ok, error } = await probe(target)
    if (ok) answers += 1
    else failures.push(error)
    if (answers === 1) console.log('watching')
    await sleep(1)
  }
  console.log(JSON.stringify({ answers, failures }))
}

async function askTcp({ address, port, source }, signal) {
  const socket = connect({ host: address, port, ...(source ? { localAddress: source } : {}) })
  signal.addEventListener('abort', () => socket.destroy(new Error('timeout')))
  try {
    await once(socket, 'connect')
    socket.write('GET / HTTP/1.0\r\n\r\n')
    let text = ''
    for await (const chunk of socket) text += chunk
    return text.slice(text.indexOf('\r\n\r\n') + 4)
  } finally {
    socket.destroy()
  }
}

async function askUdp({ address, port, source }, signal) {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  try {
    if (source) {
      socket.bind(0, source)
      await once(socket, 'listening', { signal })
    }
    // Connected, so that a refusal by ICMP comes back as an error.
    socket.connect(port, address)
    await once(socket, 'connect', { signal })
    socket.send('?')
    const [message] = await once(socket, 'message', { signal })
    return message.toString()
  } finally {
    socket.close()
  }
}
