import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatRule, type Option, optionValue, parseRule } from '../../../src/firewall/codec/rule.ts'
import { quote } from '../../../src/firewall/codec/tokens.ts'
import { firewallChains } from '../../../src/firewall/rules.ts'
import { parseSave } from '../../../src/kernel/read/iptables/save-text.ts'
import { resolveTopology } from '../../../src/planner/resolve.ts'
import { FRESH, topologies } from '../planner/topologies.ts'

const TESTS = fileURLToPath(new URL('../../', import.meta.url))

describe('a rule is printed back as it was', () => {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  const saved = files.filter(file => file.endsWith('.save'))

  test.each(saved)('in %s', file => {
    const rules = parseSave('iptables-save', readFileSync(TESTS + file, 'utf8'))
      .tables.flatMap(({ chains }) => chains)
      .flatMap(chain => chain.rules)
    expect(rules.length).toBeGreaterThan(0)
    expect(rules.map(text => formatRule(parseRule(text)))).toEqual(rules)
  })

  test('wherever a test has one', () => {
    const others = files.filter(file => /\.(ts|sh|txt|json)$/.test(file))
    const rules = others.flatMap(file => rulesIn(readFileSync(TESTS + file, 'utf8')))
    expect(rules.length).toBeGreaterThan(200)
    expect(rules.map(text => formatRule(parseRule(text)))).toEqual(rules)
  })

  test('whatever its options are', () => {
    fc.assert(
      fc.property(canonicalRules, text => {
        expect(formatRule(parseRule(text))).toBe(text)
      }),
    )
  })

  test('with blanks that some versions print too many', () => {
    const text = '-p tcp  -m recent --set  --name x -j LOG --log-prefix "a  b" --log-level 4 '
    expect(formatRule(parseRule(text))).toBe(text)
  })
})

test('a rule that nsctl makes is the one that is read back', () => {
  const facts = {
    ipv6: true,
    fenced: { ipv4: ['ens5'], ipv6: 'all' as const },
    userChain: [],
    mtus: new Map([['ens5', 1280]]),
    marks: { mask: 0xff00, marks: new Map([['ens5', 0x200]]) },
  }
  fc.assert(
    fc.property(topologies, topology => {
      const chains = firewallChains(resolveTopology(topology, FRESH), facts)
      const rules = chains.flatMap(chain => [...chain.rules, ...chain.jumps.map(({ rule }) => rule)])
      expect(rules.map(rule => parseRule(formatRule(rule)))).toEqual(rules)
    }),
  )
})

describe('parseRule', () => {
  test('reads options with their modules, and the target with its own', () => {
    expect(parseRule('! -i docker0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.2:80')).toEqual({
      options: [
        option({ text: '! -i docker0', name: '-i', negated: true, values: ['docker0'] }),
        option({ text: '-p tcp', name: '-p', values: ['tcp'] }),
        option({ text: '-m tcp', module: 'tcp', name: '-m', values: ['tcp'] }),
        option({ text: '--dport 80', module: 'tcp', name: '--dport', values: ['80'] }),
      ],
      target: {
        text: '-j DNAT',
        name: 'DNAT',
        goto: false,
        options: [
          option({
            text: '--to-destination 10.0.0.2:80',
            module: 'DNAT',
            name: '--to-destination',
            values: ['10.0.0.2:80'],
          }),
        ],
      },
    })
  })

  test('takes nothing in a comment for anything else', () => {
    const comments = ['--dport', '-j', '!', '-A FORWARD -j DROP', 'was "--dport 6000" \\ once', '']
    for (const comment of comments) {
      const rule = parseRule(`-m comment --comment ${quote(comment)} -m tcp --dport 22 -j ACCEPT`)
      expect(optionValue(rule, '--comment')).toBe(comment)
      expect(optionValue(rule, '--dport')).toBe('22')
      expect(rule.target?.name).toBe('ACCEPT')
      expect(rule.options).toHaveLength(4)
    }
  })

  test('keeps what nobody knows', () => {
    const { options } = parseRule('-m geoip ! --source-country A1,A2 -m u32 --u32 "0x0=0x1" -j DROP')
    expect(options.map(({ module, name, negated, values }) => [module, name, negated, values])).toEqual([
      ['geoip', '-m', false, ['geoip']],
      ['geoip', '--source-country', true, ['A1,A2']],
      ['u32', '-m', false, ['u32']],
      ['u32', '--u32', false, ['0x0=0x1']],
    ])
  })

  test('reads a rule without target, without anything, and one that goes to a chain', () => {
    expect(parseRule('')).toEqual({ options: [], target: null })
    expect(parseRule('-s 10.0.0.0/8').target).toBeNull()
    expect(parseRule('-g CHAIN').target).toEqual({ text: '-g CHAIN', name: 'CHAIN', goto: true, options: [] })
  })
})

function option(given: Partial<Option>): Option {
  return { text: '', module: '', name: '', negated: false, values: [], ...given }
}

/** Behind `-A CHAIN `, up to the end of the line, or of the text of a program that it is in. */
function rulesIn(text: string): string[] {
  const lines = [...text.matchAll(/^(?:\[\d+:\d+\] )?-A [\w-]+ (.+)$/gm)].map(([, rule = '']) => rule)
  const quoted = [...text.matchAll(/^\s*(".*-j .*"),?$/gm)].map(([, json = '']): string => JSON.parse(json))
  return [...lines, ...quoted]
}

const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019._:/,+'), minLength: 1, maxLength: 12 })
const free = fc.string({
  unit: fc.constantFrom('"', '\\', "'", ' ', '-', '!', 'j', 'é', '\n'),
  maxLength: 12,
})

/** Options that there are, and such as no version knows yet. */
const canonicalOptions = fc
  .tuple(
    fc.boolean(),
    fc.oneof(
      fc.tuple(fc.constantFrom('-s', '-d', '-i', '-o', '-p', '-m'), word),
      fc.tuple(fc.constantFrom('--dport', '--ctstate', '--new-option', '-f'), fc.constant('')),
      fc.tuple(
        fc.constantFrom('--dports', '--tcp-flags', '--other'),
        fc.array(word, { minLength: 1, maxLength: 3 }),
      ),
      fc.tuple(fc.constantFrom('--comment', '--string', '--log-prefix'), free.map(quote)),
    ),
  )
  .map(([negated, [name, values]]) =>
    [negated ? '!' : '', name, ...[values].flat()].filter(part => part !== '').join(' '),
  )

const canonicalRules = fc
  .tuple(fc.array(canonicalOptions), fc.constantFrom('', '-j', '-g'), word, fc.array(canonicalOptions))
  .map(([options, jump, name, more]) =>
    [...options, ...(jump === '' ? [] : [`${jump} ${name}`, ...more])].join(' '),
  )
