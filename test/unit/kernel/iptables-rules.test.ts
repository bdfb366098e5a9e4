import { describe, expect, test } from 'vitest'
import { CommandFailed, type Run } from '../../../src/kernel/process/run.ts'
import { parseIptablesTables, parseRuleTexts } from '../../../src/kernel/read/iptables/native-ruleset.ts'
import { Disagreeing, readRules } from '../../../src/kernel/read/iptables/rules.ts'
import { GarbledOutput } from '../../../src/kernel/read/json.ts'

const LOST = "# Table `filter' is incompatible, use 'nft' tool.\n"
const CUT = '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -j X'
const own = [
  { xt: { type: 'match', name: 'comment' } },
  { counter: {} },
  { jump: { target: 'NSCTL-web-FWD' } },
]
const state = [{ match: { op: '==', left: { ct: { key: 'state' } }, right: 'new' } }, { accept: null }]
const bad = [
  { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '@bad' } },
  { drop: null },
]

/** `nft -j -t list ruleset` of one table. */
function ruleset(chains: Record<string, { policy?: string; rules: object[][] }>): string {
  let handle = 10
  const at = { family: 'ip', table: 'filter' }
  return JSON.stringify({
    nftables: [
      { metainfo: { version: '1.0.6' } },
      { table: { family: 'ip', name: 'filter', handle: 1 } },
      { set: { ...at, name: 'bad' } },
      ...Object.entries(chains).map(([name, { policy }]) => ({
        chain: { ...at, name, ...(policy ? { type: 'filter', hook: 'forward', prio: 0, policy } : {}) },
      })),
      ...Object.entries(chains).flatMap(([chain, { rules }]) =>
        rules.map(expr => ({ rule: { ...at, chain, handle: handle++, expr } })),
      ),
    ],
  })
}

const TEXTS = `table ip filter { # handle 1
	set bad { # handle 3
		type ipv4_addr
	}

	chain FORWARD { # handle 2
		type filter hook forward priority filter; policy drop;
		 counter packets 0 bytes 0 jump NSCTL-web-FWD # handle 10
		ct state new accept # handle 11
		ip saddr { 10.0.0.1, 10.0.0.2,
			   10.0.0.3 } drop # handle 12
	}
}
`

/** Tools that print what they are told to, by the beginning of their command line. */
function tools(answers: Record<string, string | { code: number; stdout?: string; stderr?: string }>): Run {
  return async (tool, args, options = {}) => {
    const line = [tool, ...args].join(' ')
    const key = Object.keys(answers)
      .filter(one => line.startsWith(one))
      .sort((a, b) => b.length - a.length)[0]
    const answer = key === undefined ? { code: 127, stderr: `no ${line}` } : answers[key]
    if (answer === undefined || typeof answer === 'string')
      return { exitCode: 0, stdout: answer ?? '', stderr: '' }
    const { code, stdout = '', stderr = '' } = answer
    if (!options.accept?.includes(code))
      throw new CommandFailed(tool, args, code, stderr, `exit code ${code}`, null)
    return { exitCode: code, stdout, stderr }
  }
}

const at = { variant: 'nft', family: 'ipv4' } as const
const nft = (chains: Parameters<typeof ruleset>[0]) => parseIptablesTables(ruleset(chains))

describe('a table that iptables-save leaves out with a note and exit code 0', () => {
  const told = nft({
    FORWARD: { policy: 'drop', rules: [own, state] },
    'NSCTL-web-FWD': { rules: [[{ counter: {} }, { return: null }]] },
  })
  const run = tools({
    'iptables-nft-save': LOST,
    'nft -a -s -t list table ip filter': TEXTS,
    'iptables-nft -t filter -S FORWARD': { code: 1, stderr: "chain `FORWARD' … is incompatible" },
    'iptables-nft -t filter -S NSCTL-web-FWD': '-N NSCTL-web-FWD\n-A NSCTL-web-FWD -j RETURN\n',
  })

  test('is unreadable, by its rule, and not empty', async () => {
    const { tables, unreadable } = await readRules(run, { ...at, nft: told })
    expect(unreadable).toMatchObject([
      {
        table: 'filter',
        why: "Table `filter' is incompatible, use 'nft' tool.",
        culprits: [{ chain: 'FORWARD', handle: 11, text: 'ct state new accept', owner: null }],
      },
    ])
    expect(tables).toEqual([
      {
        name: 'filter',
        chains: [
          {
            name: 'FORWARD',
            policy: 'DROP',
            rules: [
              '-m nft --rule "counter packets 0 bytes 0 jump NSCTL-web-FWD" -j NSCTL-web-FWD',
              '-m nft --rule "ct state new accept" -j ACCEPT',
            ],
          },
          { name: 'NSCTL-web-FWD', policy: null, rules: ['-j RETURN'] },
        ],
      },
    ])
  })

  test('is unreadable without nft, too, and any packet may meet anything in it', async () => {
    const { tables, unreadable } = await readRules(run, { ...at, nft: null })
    expect(unreadable).toMatchObject([{ table: 'filter', culprits: [] }])
    expect(tables[0]?.chains.map(({ name }) => name)).toEqual(['INPUT', 'FORWARD', 'OUTPUT'])
    expect(tables[0]?.chains[1]?.rules).toEqual(['-m nft --rule "unreadable without nft" -j NFT'])
  })
})

test('a table at whose rule iptables-save gives up, with exit code 3, is unreadable by what it printed up to there', async () => {
  const told = nft({
    FORWARD: { policy: 'drop', rules: [own, [{ mangle: { key: { meta: { key: 'mark' } } } }]] },
  })
  const gaveUp = {
    code: 3,
    stdout: CUT,
    stderr: 'Error: meta sreg key not supported\niptables-nft-save: Parsing\n',
  }
  const run = tools({
    'iptables-nft-save': gaveUp,
    'iptables-nft-save -t raw': '',
    'iptables-nft-save -t mangle': '',
    'iptables-nft-save -t nat': '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n',
    'iptables-nft-save -t security': '',
    'nft -a -s -t list table ip filter': TEXTS,
    'iptables-nft -t filter -S FORWARD': {
      ...gaveUp,
      stdout: '-P FORWARD DROP\n-A FORWARD -j NSCTL-web-FWD\n',
    },
  })
  const { tables, unreadable } = await readRules(run, { ...at, nft: told })
  expect(unreadable).toMatchObject([{ table: 'filter', why: 'Error: meta sreg key not supported' }])
  expect(tables.map(({ name }) => name)).toEqual(['nat', 'filter'])
  expect(tables[1]?.chains[0]?.rules).toEqual([
    '-j NSCTL-web-FWD',
    '-m nft --rule "ct state new accept" -j NFT',
  ])
})

test.each([1, 2, 4, 111])('iptables-save that ends with exit code %i is believed nothing', async code => {
  const run = tools({ 'iptables-nft-save': { code, stdout: '*filter\nCOMMIT\n', stderr: 'whatever' } })
  await expect(readRules(run, { ...at, nft: [] })).rejects.toThrow(
    `iptables-nft-save: exit code ${code}: whatever`,
  )
})

test('a rule of nft that iptables prints as another is not known, and named', async () => {
  const told = nft({ FORWARD: { policy: 'drop', rules: [own, bad] } })
  const run = tools({
    'iptables-nft-save':
      '*filter\n:FORWARD DROP [0:0]\n-A FORWARD -j NSCTL-web-FWD\n-A FORWARD -j DROP\nCOMMIT\n',
    'nft -a -s -t list table ip filter': TEXTS.replace('ct state new accept', 'ip saddr @bad drop'),
  })
  const { tables, unreadable, native } = await readRules(run, { ...at, nft: told })
  expect(unreadable).toEqual([])
  expect(native).toMatchObject([{ chain: 'FORWARD', handle: 11, text: 'ip saddr @bad drop' }])
  expect(tables[0]?.chains[0]?.rules).toEqual([
    '-j NSCTL-web-FWD',
    '-m nft --rule "ip saddr @bad drop" -j DROP',
  ])
})

describe('iptables-save that prints less than there is', () => {
  const told = nft({ FORWARD: { policy: 'drop', rules: [own] }, 'NSCTL-web-FWD': { rules: [] } })
  const read = (text: string) => readRules(tools({ 'iptables-nft-save': text }), { ...at, nft: told })

  test.each([
    ['a rule', '*filter\n:FORWARD DROP [0:0]\n:NSCTL-web-FWD - [0:0]\nCOMMIT\n', 'FORWARD'],
    ['a chain', '*filter\n:FORWARD DROP [0:0]\n-A FORWARD -j NSCTL-web-FWD\nCOMMIT\n', 'NSCTL-web-FWD'],
    [
      'nothing, and a rule too many',
      '*filter\n:FORWARD DROP [0:0]\n:NSCTL-web-FWD - [0:0]\n:Y - [0:0]\n-A FORWARD -j Y\n-A Y -j DROP\nCOMMIT\n',
      'Y',
    ],
  ])('without %s is contradicted by nft', async (_, text, chain) => {
    await expect(read(text)).rejects.toThrow(Disagreeing)
    await expect(read(text)).rejects.toThrow(`the same rules in the chain ${chain} of the table filter`)
  })

  test('without a whole table: that table is unreadable', async () => {
    const run = tools({
      'iptables-nft-save': '',
      'nft -a -s -t list table ip filter': TEXTS,
      'iptables-nft -t filter -S': '',
    })
    const { unreadable, tables } = await readRules(run, { ...at, nft: told })
    expect(unreadable).toMatchObject([{ table: 'filter', why: 'iptables-nft-save left it out' }])
    expect(tables).toHaveLength(1)
  })
})

test('a native base chain in a table of iptables is none of its chains', () => {
  const told = nft({ forward: { policy: 'drop', rules: [state] }, X: { rules: [own] } })
  expect(told[0]?.chains.map(({ name }) => name)).toEqual(['X'])
})

describe('nft', () => {
  test.each([
    ['cut off', ruleset({ FORWARD: { rules: [own] } }).slice(0, -30), 'printed no valid JSON'],
    ['nothing', '', 'printed no valid JSON'],
    ['an empty object', '{}', 'printed something else than a ruleset'],
    ['no ruleset', '{"nftables": [{"error": "x"}]}', 'printed something else than a ruleset'],
    [
      'a rule of no chain',
      ruleset({}).replace(
        '{"set":',
        '{"rule":{"family":"ip","table":"filter","chain":"X","handle":2,"expr":[]}},{"set":',
      ),
      'printed a rule of the table ip filter that is none, or whose chain is missing',
    ],
  ])('that prints %s is believed nothing', (_, text, message) => {
    expect(() => parseIptablesTables(text)).toThrow(GarbledOutput)
    expect(() => parseIptablesTables(text)).toThrow(`nft -j -t list ruleset: ${message}`)
  })

  test('prints rules with their handles, of several lines as well', () => {
    expect([...parseRuleTexts(TEXTS)]).toEqual([
      [10, 'counter packets 0 bytes 0 jump NSCTL-web-FWD'],
      [11, 'ct state new accept'],
      [12, 'ip saddr { 10.0.0.1, 10.0.0.2, 10.0.0.3 } drop'],
    ])
  })
})
