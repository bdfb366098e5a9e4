import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { addressOf, type Family } from '../../model/address.ts'
import { type ForgetFlows, flowLine } from '../../model/command/conntrack.ts'
import { settled } from '../process/lanes.ts'
import type { Run } from '../process/run.ts'
import { isMeant, isWhole, parseFlows } from './conntrack-list.ts'
import { withUnlinkedFile } from './unlinked-file.ts'

/** Deletes connections in one process; that none matches is no failure. */
export async function forgetFlows(run: Run, commands: ForgetFlows[]): Promise<void> {
  const matching = commands.length > FEW ? await withoutIdle(run, commands) : commands
  const input = matching.flatMap(linesOf).join('')
  if (input === '') return
  // It opens its input by name, which a socket as standard input does not allow.
  await withUnlinkedFile(run, input, (telling, path) => telling('conntrack', ['-R', path], { accept: [1] }))
}

/** Each line of `conntrack -R` walks through the whole table, some 12 ms when it is empty. */
const FEW = 3
/** Beyond this, to list the table costs more memory than it may. */
const MANY = 100_000

/** Leaves out the commands that no connection there is would match: of hundreds, hardly one is left. */
async function withoutIdle(run: Run, commands: ForgetFlows[]): Promise<ForgetFlows[]> {
  if (flowCount() > MANY) return commands
  const families = [...new Set(commands.map(({ family }) => family))]
  const kept = await settled(
    families.map(async family => {
      const { stdout, stderr } = await run('conntrack', ['-L', '-f', family])
      const own = commands.filter(command => command.family === family)
      // A connection that was not listed would live on through a rule that is gone.
      if (!isWhole(stdout, stderr)) return own
      const flows = parseFlows(stdout)
      return own.filter(command => flows.some(flow => isMeant(command, flow)))
    }),
  )
  return kept.flat()
}

function flowCount(): number {
  try {
    return Number(readFileSync('/proc/sys/net/netfilter/nf_conntrack_count', 'utf8'))
  } catch {
    return 0
  }
}

/** A line for each address that a command may have been to. */
function linesOf(command: ForgetFlows): string[] {
  const { family, destination } = command
  const destinations = destination === 'local' ? localAddresses(family) : [destination]
  return destinations.map(address => flowLine(command, address))
}

function localAddresses(family: Family): string[] {
  const wanted = family === 'ipv4' ? 'IPv4' : 'IPv6'
  return Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(address => address.family === wanted && !address.address.startsWith('fe80:'))
    .map(({ address }) => addressOf(address))
}
