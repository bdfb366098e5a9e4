import type { Command } from '../../model/command/command.ts'
import type { Batch } from '../../model/plan/plan.ts'
import type { Libc } from './libc.ts'
import { attribute, GET } from './message.ts'
import { type Request, requestOf } from './requests.ts'
import { openRouteSocket, type RouteSocket, Unclear } from './socket.ts'

/**
 * Applies batches inside of namespaces, in order and as far as the kernel takes them. Returns what is left for `ip`: a
 * batch as a whole where a command of it has no request, and else what begins with the very command that failed, so that
 * `ip` says why.
 */
export function writeByNetlink(libc: Libc, batches: Batch[]): Batch[] {
  return batches.flatMap(({ commands, changes }) => {
    const done = writtenOf(libc, commands)
    return done === commands.length ? [] : [{ commands: commands.slice(done), changes: changes.slice(done) }]
  })
}

/** How many of the commands of one namespace the kernel has taken. */
function writtenOf(libc: Libc, commands: Command[]): number {
  const requests = commands.map(command => (command.tool === 'ip' ? requestOf(command) : null))
  const [first] = commands
  if (first?.tool !== 'ip' || requests.includes(null)) return 0
  let done = 0
  try {
    const socket = openRouteSocket(libc, `/run/netns/${first.namespace}`)
    try {
      for (const { type, flags, body } of requests as Request[]) {
        if (
          !socket.tell(
            type,
            flags,
            body(name => indexOf(socket, name)),
          )
        )
          return done
        done++
      }
    } finally {
      socket.close()
    }
  } catch {
    // Whatever goes wrong here `ip` tells better.
  }
  return done
}

const IFLA_IFNAME = 3

function indexOf(socket: RouteSocket, name: string): number {
  const answer = socket.ask(GET.link, Buffer.concat([Buffer.alloc(16), attribute(IFLA_IFNAME, `${name}\0`)]))
  if (answer === null) throw new Unclear(`no link ${name}`)
  return answer.body.readInt32LE(4)
}
