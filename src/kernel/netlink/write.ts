import type { Step } from '../../model/plan.ts'
import type { Libc } from './libc.ts'
import { attribute, GET } from './message.ts'
import { openRouteSocket, type RouteSocket, Unclear } from './socket.ts'
import { type Request, requestOf } from './words.ts'

/**
 * Carries out batches inside of namespaces, in order and as far as their words are known and the kernel agrees; returns
 * what is left for `ip`. So that what fails is told by `ip`, which begins with the very line that did: each may be
 * carried out twice.
 */
export function writeByNetlink(libc: Libc, steps: Step[]): Step[] {
  return steps.flatMap(step => {
    const done = carriedOut(libc, step)
    const { commands, changes } = step
    return done === commands.length
      ? []
      : [{ ...step, commands: commands.slice(done), changes: changes.slice(done) }]
  })
}

/** How many of a step's commands are carried out. */
function carriedOut(libc: Libc, { commands }: Step): number {
  const requests = commands.map(command => (command.tool === 'ip' ? requestOf(command.args) : null))
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
