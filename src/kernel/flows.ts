import { networkInterfaces } from 'node:os'
import { addressOf, type Family } from '../model/address.ts'
import type { ForgetFlows } from '../model/plan.ts'
import type { Run } from './run.ts'
import { withUnlinkedFile } from './unlinked-file.ts'

/** Deletes connections in one process; that none matches is no failure. */
export async function forgetFlows(run: Run, commands: ForgetFlows[]): Promise<void> {
  const lines = commands.flatMap(command => flowLines(command, localAddresses))
  if (lines.length === 0) return
  // It opens its input by name, which a socket as standard input does not allow.
  const input = lines.map(line => `${line}\n`).join('')
  await withUnlinkedFile(input, path => run('conntrack', ['-R', path], { accept: [1] }))
}

/** A command as lines for `conntrack -R`, one for each address that it may have been to. */
function flowLines(
  { family, match, destination }: ForgetFlows,
  local: (family: Family) => string[],
): string[] {
  const options = Object.entries(match).map(([name, value]) => `--${name} ${value}`)
  const destinations = destination === null ? [null] : destination === 'local' ? local(family) : [destination]
  return destinations.map(address =>
    ['-D', '-f', family, ...options, ...(address === null ? [] : [`--orig-dst ${address}`])].join(' '),
  )
}

function localAddresses(family: Family): string[] {
  const wanted = family === 'ipv4' ? 'IPv4' : 'IPv6'
  return Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(address => address.family === wanted && !address.address.startsWith('fe80:'))
    .map(({ address }) => addressOf(address))
}
