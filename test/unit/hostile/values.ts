/** What has no business in a name, an address or a number. */
export const HOSTILE = [
  ...['$(id)', '`id`', '$X', '${X', '$((1+1))', 'a;b', 'a|b', 'a&b', 'a&&b', 'a>b', 'a<b', 'a b', ' a', 'a '],
  ...["a'b", 'a"b', 'a\\b', '\\', "'", '"', 'a\nb', '\na', 'a\n', 'a\r\nb', 'a\tb', 'a\vb', 'a\0b', '\0'],
  ...['a\u001b[2Jb', '\u001b]0;x\u0007', 'a\bb', 'a\u007fb', 'a\u009bb', 'a\u0085b', 'a\u202eb', 'a\u2066b'],
  ...['a\u200bb', 'a\u00adb', '\ufeffa', 'a\u2028b', 'a\ufffdb', '\u{e0041}', 'a\u0301', 'é', 'ａ', 'раураl'],
  ...['а', 'ⅰ', '１', '😀', '-x', '--help', '-', '--', '../a', '..', '.', './a', 'a/b', '/etc/passwd', '/'],
  ...[
    'a%d',
    '%s%n%x',
    '#a',
    'a#b',
    '*',
    'a*',
    '?',
    '~',
    '',
    '!a',
    'a!',
    '{}',
    '[]',
    '[a]',
    '{a}',
    'a=b',
    'a,b',
  ],
  ...['a:b:c', '::', ':', 'a:', ':a', '@a', 'a@b', '+a', 'a+', '^a', 'a^', '__proto__\0', 'x'.repeat(5000)],
  ...[
    'a\n\n- b',
    'a"\n}',
    'a\\nb\u0000',
    '\u0600a',
    'NSCTL-x-FWD;',
    'nsctl:web:adopted ',
    'ſ',
    '\u212a',
    'ß',
  ],
]

/** A valid file with one place for a value, written as JSON writes text, which YAML reads. */
const flask = (change: (file: Flask) => void) => (value: string) => {
  const file: Flask = {
    name: 'flask',
    uplinks: ['ens5'],
    subnets: { web: { cidr: '10.0.0.0/24' }, lan: { cidr: '10.0.1.0/24', bridge: 'br0' } },
    namespaces: { a: {}, b: {} },
    veths: [
      { subnet: 'web', ends: ['host:v0', { namespace: 'a', interface: 'e0' }] },
      { subnet: 'lan', ends: ['host:v1', { namespace: 'a', interface: 'e1' }] },
      { subnet: 'lan', ends: ['host:v2', { namespace: 'b', interface: 'e0' }] },
    ],
    forwards: [{ listen: '6000', to: 'a:80' }],
  }
  const at = '\u0001'
  change(file)
  return JSON.stringify(file, (_, inner) => (inner === at ? value : inner), 1).replaceAll(
    JSON.stringify(at),
    () => JSON.stringify(value),
  )
}

// biome-ignore lint/suspicious/noExplicitAny: the tests put in what no type would let them
type Flask = any

const AT = '\u0001'

/** Places of a value, each with what is no hostility there. */
export const PLACES: Record<string, { write: (value: string) => string; harmless?: string[] }> = {
  'the topology’s name': { write: flask(file => Object.assign(file, { name: AT })) },
  'an uplink': { write: flask(file => file.uplinks.push(AT)) },
  'a subnet’s name': { write: flask(file => Object.assign(file.subnets, { [AT]: '10.9.0.0/24' })) },
  'a network': { write: flask(file => Object.assign(file.subnets.web, { cidr: AT })) },
  'a gateway': { write: flask(file => Object.assign(file.subnets.web, { gateway: AT })) },
  'a bridge': { write: flask(file => Object.assign(file.subnets.lan, { bridge: AT })) },
  'a subnet’s uplink': { write: flask(file => Object.assign(file.subnets.web, { uplinks: [AT] })) },
  'a family to masquerade': { write: flask(file => Object.assign(file.subnets.web, { masquerade: [AT] })) },
  'a namespace’s name': { write: flask(file => Object.assign(file.namespaces, { [AT]: {} })) },
  'a name server': {
    write: flask(file => Object.assign(file.namespaces.a, { nameservers: [AT] })),
    harmless: ['::'],
  },
  'a search domain': { write: flask(file => Object.assign(file.namespaces.a, { search: [AT] })) },
  'a sysctl’s key': { write: flask(file => Object.assign(file.namespaces.a, { sysctls: { [AT]: '1' } })) },
  'a route’s destination': {
    write: flask(file => Object.assign(file.namespaces.a, { routes: [{ to: AT, via: '10.0.0.1' }] })),
  },
  'a route’s next hop': {
    write: flask(file => Object.assign(file.namespaces.a, { routes: [{ to: '10.8.0.0/16', via: AT }] })),
  },
  'a route’s interface': {
    write: flask(file => Object.assign(file.namespaces.a, { routes: [{ to: '10.8.0.0/16', dev: AT }] })),
  },
  'a veth’s subnet': { write: flask(file => Object.assign(file.veths[0], { subnet: AT })) },
  'an end': { write: flask(file => file.veths[0].ends.splice(0, 1, AT)) },
  'an end’s namespace': { write: flask(file => Object.assign(file.veths[0].ends[1], { namespace: AT })) },
  'an end’s interface': { write: flask(file => Object.assign(file.veths[0].ends[1], { interface: AT })) },
  'an end’s address': { write: flask(file => Object.assign(file.veths[0].ends[1], { address: AT })) },
  'an end’s MAC': { write: flask(file => Object.assign(file.veths[0].ends[1], { mac: AT })) },
  'an end’s rate': { write: flask(file => Object.assign(file.veths[0].ends[1], { rate: AT })) },
  'where it listens': { write: flask(file => Object.assign(file.forwards[0], { listen: AT })) },
  'where it leads': { write: flask(file => Object.assign(file.forwards[0], { to: AT })) },
  'a protocol': { write: flask(file => Object.assign(file.forwards[0], { protocol: AT })) },
  'a forward’s uplink': { write: flask(file => Object.assign(file.forwards[0], { uplinks: [AT] })) },
  'a source': { write: flask(file => Object.assign(file.forwards[0], { sources: [AT] })) },
  'who may': { write: flask(file => Object.assign(file, { allow: [{ from: AT, to: 'a', ports: '80' }] })) },
  'to whom': { write: flask(file => Object.assign(file, { allow: [{ from: 'b', to: AT, ports: '80' }] })) },
  'ports that are allowed': {
    write: flask(file => Object.assign(file, { allow: [{ from: 'b', to: 'web', ports: AT }] })),
  },
  'what is accepted': { write: flask(file => Object.assign(file, { accept: [AT] })), harmless: ['a:b:c'] },
  'a policy': { write: flask(file => Object.assign(file, { host: { 'forward-policy': AT } })) },
  'a host route': {
    write: flask(file => Object.assign(file, { host: { routes: [{ to: AT, via: '10.0.0.2' }] } })),
  },
  'what is expected': { write: flask(file => Object.assign(file, { expect: [{ from: 'a', to: AT }] })) },
  'a key': { write: flask(file => Object.assign(file, { [AT]: 1 })) },
  'a key of a namespace': { write: flask(file => Object.assign(file.namespaces.a, { [AT]: 1 })) },
}

/** Values of the environment that a file may bring in by `${X}`. */
export const ENVIRONMENT = [
  ...[
    '\u001b[2J',
    'a\nb',
    '\na: b',
    'a\r',
    '\u0000',
    '\u007f',
    '\u009b31m',
    '\u202e',
    '\u2066',
    '\u200b',
    '\t',
  ],
  ...[
    'a: b',
    '{',
    '[',
    '"',
    "'",
    '*a',
    '&a',
    '!!str x',
    '$(id)',
    '${Y}',
    '../x',
    '-x',
    'x'.repeat(100_000),
    '',
  ],
]
