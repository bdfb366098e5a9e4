import { FEW_ROUTES, firstBits, type NeededRoutes, routesLeftOut } from '../../model/host/needed-routes.ts'
import type { PolicyRule, Route, RoutesLeftOut } from '../../model/host/snapshot.ts'
import { settled } from '../process/lanes.ts'
import type { Run } from '../process/run.ts'
import { askNamespaces, entering } from './in-namespaces.ts'
import { GarbledOutput, parseArrays } from './json.ts'
import { decodeLinks, decodeRoutes, decodeRules, type RawLink } from './network.ts'
import type { Ids, Scope } from './peers.ts'

export interface RawNetwork {
  links: RawLink[]
  routes: Route[]
  rules: PolicyRule[]
  routesLeftOut?: RoutesLeftOut
}

/** What is asked of the host besides. */
export interface HostNetwork extends RawNetwork {
  ids: Ids
  /** Its interfaces' settings by key below /proc/sys, where they came along with the links. */
  settings?: Map<string, Record<string, string>>
}

/** Whether IPv6's rules of a namespace matter, as far as it is known by then. */
type WantsRules6 = (name: string, network: RawNetwork) => boolean

export interface WantedOfNetworks {
  rules6: WantsRules6
  /** Absent: all routes. */
  routes: NeededRoutes | undefined
}

/** `-N` leaves groups, tables and protocols numbers: their names differ from host to host. */
const IP = ['-j', '-d', '-N']
const ROUTES = 'route show table all'
const QUESTIONS = ['addr show', ROUTES, 'rule show']

/** In a batch `-6` is an error, and without it only IPv4's rules are shown. */
const RULES6 = [...IP, '-6', 'rule', 'show']

/** The host's network, and its ids of the named namespaces. */
export async function readHost(
  run: Run,
  { ids, ipv6, routes }: { ids: boolean; ipv6: boolean; routes: NeededRoutes | undefined },
): Promise<HostNetwork> {
  // The ids come last: to list a link is what makes the kernel give an id to the namespace of its other end.
  const questions = ids ? [...QUESTIONS, 'netns list'] : QUESTIONS
  const args = [...IP, '-batch', '-']
  const [all, rules6] = await settled([
    run('ip', args, { input: lines(questions) }),
    ipv6 ? run('ip', RULES6) : null,
  ])
  const { stdout, leftOut } = withoutNeedless(all.stdout, routes)
  const arrays = parseArrays(`ip ${args.join(' ')}`, stdout, questions.length)
  const network = { ...decode(`ip ${args.join(' ')}`, arrays), ...leftOut }
  if (rules6 !== null) network.rules.push(...decodeRules6('ip', rules6.stdout))
  return { ...network, ids: decodeIds(arrays[QUESTIONS.length] ?? []) }
}

/**
 * The networks of the named namespaces; one that cannot be entered is told why. IPv6's rules are read where
 * `wantsRules6` says so.
 */
export async function readNamespaces(run: Run, names: string[], wants: WantedOfNetworks) {
  const networks = new Map<string, RawNetwork>()
  const unreadable = new Map<string, string>()
  const answers = await askNamespaces(run, names, {
    command: ['ip', ...IP, '-batch', '{file}'],
    file: lines(QUESTIONS),
    lines: QUESTIONS.length,
  })
  for (const [name, answer] of answers) {
    if ('unreadable' in answer) unreadable.set(name, answer.unreadable)
    else networks.set(name, decodeNamespace(name, answer.lines, wants.routes))
  }
  const asked = [...networks].flatMap(([name, network]) => (wants.rules6(name, network) ? [name] : []))
  for (const [name, answer] of await askNamespaces(run, asked, { command: ['ip', ...RULES6], lines: 1 })) {
    if ('unreadable' in answer) unreadable.set(name, answer.unreadable)
    else networks.get(name)?.rules.push(...decodeRules6(`ip -n ${name}`, answer.lines.join('\n')))
  }
  for (const name of unreadable.keys()) networks.delete(name)
  return { networks, unreadable }
}

/** The named namespaces by id, as each of some namespaces knows them. */
export async function readNamespaceIds(run: Run, names: string[]): Promise<Map<string, Ids>> {
  const answers = await askNamespaces(run, names, { command: ['ip', ...IP, 'netns', 'list-id'], lines: 1 })
  return new Map(
    [...answers].map(([name, answer]) => {
      if ('unreadable' in answer) return [name, new Map()]
      const command = `ip ${IP.join(' ')} netns list-id in ${name}`
      return [name, decodeIds(parseArrays(command, answer.lines.join('\n'), 1)[0] ?? [])]
    }),
  )
}

/** Fills the rate of token bucket filters, which only `tc` shows: bytes per second there, bits here. */
export async function readRates(run: Run, networks: Map<Scope, RawNetwork>): Promise<void> {
  const shaped = [...networks].filter(([, { links }]) => links.some(({ link }) => link.qdisc?.kind === 'tbf'))
  await settled(
    shaped.map(async ([scope, { links }]) => {
      const args = ['-j', 'qdisc', 'show']
      const { stdout } =
        typeof scope === 'string'
          ? await run('nsenter', entering(scope, ['tc', ...args]))
          : await run('tc', args)
      const qdiscs = parseArrays('tc -j qdisc show', stdout, 1)[0] as Qdisc[]
      for (const { kind, dev, root, options } of qdiscs) {
        const qdisc = links.find(({ link }) => link.name === dev)?.link.qdisc
        if (root && qdisc?.kind === kind && options?.rate !== undefined) qdisc.rate = options.rate * 8
      }
    }),
  )
}

interface Qdisc {
  kind: string
  dev: string
  root?: boolean
  options?: { rate?: number }
}

function decodeNamespace(name: string, batch: string[], needed: NeededRoutes | undefined): RawNetwork {
  const { stdout, leftOut } = withoutNeedless(batch.join('\n'), needed)
  const command = `ip ${IP.join(' ')} -n ${name}`
  return { ...decode(command, parseArrays(command, stdout, QUESTIONS.length)), ...leftOut }
}

/** Where `ip` begins another route of its list; with `-d` it prints the type first. */
const NEXT_ROUTE = '},{"type":'

/** What was printed, without routes that are not needed where there are very many: to parse them all takes seconds. */
function withoutNeedless(stdout: string, needed: NeededRoutes | undefined) {
  const lines = stdout.split('\n')
  const at = QUESTIONS.indexOf(ROUTES)
  const routes = (lines[at] ?? '').split(NEXT_ROUTE)
  if (needed === undefined || routes.length <= FEW_ROUTES) return { stdout, leftOut: {} }
  // The first and the last have the brackets.
  const kept = routes.filter((text, i) => i === 0 || i === routes.length - 1 || isNeededIn(text, needed))
  lines[at] = kept.join(NEXT_ROUTE)
  return { stdout: lines.join('\n'), leftOut: routesLeftOut(routes.length - kept.length, needed) }
}

function isNeededIn(text: string, { isNeeded }: NeededRoutes): boolean {
  const to = firstBits(/"dst":"([^"]*)"/.exec(text)?.[1] ?? '')
  const protocol = Number(/"protocol":"(\d+)"/.exec(text)?.[1] ?? 0)
  return to === null || isNeeded(to.family, to.first, to.prefix, protocol)
}

function decode(command: string, [links = [], routes = [], rules = []]: object[][]): RawNetwork {
  demand(`${command}: addr show`, links, { ifindex: 'number', ifname: 'string', mtu: 'number' })
  demand(`${command}: route show`, routes, { dst: 'string' })
  return {
    links: decodeLinks(links),
    routes: decodeRoutes(routes),
    rules: decodeRules(demand(`${command}: rule show`, rules, RULE), 'ipv4'),
  }
}

const RULE = { priority: 'number', src: 'string' } as const

/** Throws GarbledOutput where an answer is of another question, or of another tool. */
function demand(command: string, answer: object[], keys: Record<string, 'string' | 'number'>): object[] {
  for (const element of answer as Record<string, unknown>[]) {
    const missing = Object.keys(keys).find(key => typeof element[key] !== keys[key])
    if (missing !== undefined)
      throw new GarbledOutput(
        command,
        `printed what has no ${missing}: ${JSON.stringify(element).slice(0, 120)}`,
      )
  }
  return answer
}

function decodeRules6(command: string, stdout: string): PolicyRule[] {
  const named = `${command} -6 rule show`
  return decodeRules(demand(named, parseArrays(named, stdout, 1)[0] ?? [], RULE), 'ipv6')
}

/** `[{"name":"netns1","id":0}, …]`, or with `nsid` from list-id; a namespace without a name has none there. */
function decodeIds(json: object[]): Ids {
  return new Map(
    (json as { name?: string; id?: number; nsid?: number }[]).flatMap(({ name, id, nsid }) => {
      const number = id ?? nsid
      return name === undefined || number === undefined ? [] : [[number, name]]
    }),
  )
}

function lines(questions: string[]): string {
  return `${questions.join('\n')}\n`
}
