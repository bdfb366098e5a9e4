import type { Listener } from '../../model/host/snapshot.ts'
import { limited } from '../process/lanes.ts'
import type { Run } from '../process/run.ts'
import { askNamespaces } from './in-namespaces.ts'
import { GarbledOutput } from './json.ts'

const LANES = 2
const SOCKETS = ['-l', '-n', '-t', '-u', '-S', '-p']

/** Sockets of the host that listen: TCP, UDP that is bound, and SCTP. */
export async function readListeners(run: Run): Promise<Listener[]> {
  const { stdout } = await run('ss', ['-H', ...SOCKETS])
  return parseListeners(stdout)
}

/** The same inside namespaces, by name; those that cannot be entered are left out. */
export async function readNamespaceListeners(run: Run, names: string[]): Promise<Map<string, Listener[]>> {
  // The line of headings shows where the next namespace begins.
  const question = { command: ['ss', ...SOCKETS], lines: null, first: 'Netid' }
  const answers = await askNamespaces(limited(run, LANES), names, question)
  return new Map(
    [...answers].flatMap(([name, answer]): [string, Listener[]][] =>
      'unreadable' in answer ? [] : [[name, answer.lines.flatMap(parseListener)]],
    ),
  )
}

/** `tcp LISTEN 0 511 192.0.2.1%eth0:80 0.0.0.0:* users:(("nginx",pid=812,fd=6),…)`, one socket per line. */
export function parseListeners(text: string): Listener[] {
  if (text !== '' && !text.endsWith('\n')) throw new GarbledOutput(COMMAND, 'printed a line without its end')
  return text.split('\n').flatMap(parseListener)
}

const COMMAND = `ss ${SOCKETS.join(' ')}`

function parseListener(line: string): Listener[] {
  const [protocol, , , , local = '', , ...rest] = line.trim().split(/\s+/)
  const place = /^\[?([^\]%]*)\]?(?:%[^:\]]+)?\]?:(\d+)$/.exec(local)
  if (line.trim() === '' || isBeside(line)) return []
  if (!isProtocol(protocol) || place?.[1] === undefined)
    throw new GarbledOutput(COMMAND, `printed what is no socket: ${line.trim().slice(0, 120)}`)
  return [{ protocol, address: place[1], port: Number(place[2]), process: parseProcess(rest.join(' ')) }]
}

/** Headings, associations of SCTP, and what is left of a process whose name holds a newline. */
function isBeside(line: string): boolean {
  return /^Netid |^\s*`- |^(?!(?:tcp|udp|sctp) ).*,fd=\d+\)+\s*$/.test(line)
}

function isProtocol(word: string | undefined): word is Listener['protocol'] {
  return word === 'tcp' || word === 'udp' || word === 'sctp'
}

/** The first of the processes that hold the socket; a name may hold anything, also quotes. */
function parseProcess(users: string): string | null {
  const match = /users:\(\("(.*?)",pid=(\d+),fd=\d+\)/.exec(users)
  return match ? `${match[1]} (pid ${match[2]})` : null
}
