// Connections that last, and probes without end, to be run by plain node inside a namespace.
//   node stream.mjs echo '{"name": "a", "tcp": [8080], "udp": [53]}'    answers every line and datagram with its name
//   node stream.mjs flow '{"protocol": "tcp", "address": …, "port": …, "source": …, "sourcePort": …}'
//       prints whom it speaks to, each time that changes: a name, `silence`, or the error that ended it
//   node stream.mjs siege '[{"protocol": "tcp", "address": …, "port": …, "source": …}]'
//       tries anew every few milliseconds until SIGTERM, then prints for each how often it got through, and how often not
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

const EVERY = 25

async function echo({ name, tcp = [], udp = [] }) {
  await Promise.all([
    ...tcp.map(port => {
      const server = createServer(socket => {
        socket.on('error', () => {})
        socket.on('data', () => socket.write(`${name}\n`))
      })
      return once(server.listen(port, '::'), 'listening')
    }),
    // A wildcard socket answers from the address the route out prefers; one for each address answers from that.
    ...udp.flatMap(port =>
      Object.values(networkInterfaces())
        .flatMap(list => list.map(({ address }) => address))
        .filter(address => !address.startsWith('fe80:'))
        .map(address => {
          const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
          socket.on('message', (_, from) => socket.send(`${name}\n`, from.port, from.address))
          socket.bind(port, address)
          return once(socket, 'listening')
        }),
    ),
  ])
  console.log('ready')
}

async function flow({ protocol = 'tcp', silence, ...to }) {
  let shown = ''
  let heard = Date.now()
  console.log('ready')
  const say = text => {
    if (text !== shown) console.log(text)
    shown = text
  }
  const hear = data => {
    heard = Date.now()
    say(String(data).trim().split('\n').at(-1))
  }
  const send = await (protocol === 'udp' ? udpFlow : tcpFlow)(to, hear, error => {
    say(error.code ?? 'closed')
    if (protocol === 'tcp') process.exit()
  })
  for (;;) {
    send()
    await sleep(EVERY)
    if (Date.now() - heard > silence) say('silence')
  }
}

async function tcpFlow({ address, port, source }, hear, fail) {
  const socket = connect({ host: address, port, noDelay: true, ...(source ? { localAddress: source } : {}) })
  socket
    .on('data', hear)
    .on('error', fail)
    .on('end', () => fail({}))
  await once(socket, 'connect')
  return () => socket.write('?\n')
}

async function udpFlow({ address, port, source, sourcePort = 0 }, hear, fail) {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  socket.on('message', hear).on('error', fail)
  socket.bind(sourcePort, source)
  await once(socket, 'listening')
  return () => socket.send('?\n', port, address)
}

async function siege(probes) {
  const tallies = probes.map(() => ({ through: 0, refused: 0, why: {} }))
  let over = false
  process.on('SIGTERM', () => {
    over = true
  })
  console.log('ready')
  const pending = new Set()
  while (!over) {
    for (const [i, probe] of probes.entries()) {
      const attempt = tryOnce(probe).then(why => {
        const tally = tallies[i]
        if (why === null) tally.through++
        else {
          tally.refused++
          tally.why[why] = (tally.why[why] ?? 0) + 1
        }
        pending.delete(attempt)
      })
      pending.add(attempt)
    }
    await sleep(EVERY)
  }
  await Promise.all(pending)
  console.log(JSON.stringify(tallies))
  process.exit()
}

/** null: somebody answered. What should get through has all the time that a busy machine takes. */
async function tryOnce({ protocol = 'tcp', timeout, ...to }) {
  const signal = AbortSignal.timeout(timeout)
  let close = () => {}
  try {
    await new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('timeout')))
      if (protocol === 'udp') {
        const socket = createSocket(isIPv6(to.address) ? 'udp6' : 'udp4')
        close = () => socket.close()
        socket.on('message', resolve).on('error', reject)
        socket.bind(0, to.source, () => socket.send('?\n', to.port, to.address))
      } else {
        const socket = connect({
          host: to.address,
          port: to.port,
          ...(to.source ? { localAddress: to.source } : {}),
        })
        close = () => socket.destroy()
        socket
          .on('data', resolve)
          .on('error', reject)
          .on('connect', () => socket.write('?\n'))
      }
    })
    return null
  } catch (error) {
    return error.code ?? error.message
  } finally {
    close()
  }
}

const [mode, argument] = process.argv.slice(2)
await { echo, flow, siege }[mode](JSON.parse(argument))
