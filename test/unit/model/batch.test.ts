import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batchInput, isBatchable, restoreInput } from '../../../src/model/batch.ts'
import type { Command } from '../../../src/model/plan.ts'

type Restore = Extract<Command, { tool: 'iptables-restore' }>

const TABLES = ['raw', 'mangle', 'nat', 'filter']

const line = fc
  .tuple(fc.constantFrom('A', 'B', 'C'), fc.constantFrom(':', '-A', '-I', '-D', '-X'), fc.nat(9))
  .map(([chain, verb, number]) => (verb === ':' ? `:${chain} - [0:0]` : `${verb} ${chain} ${number}`))

const commands: fc.Arbitrary<Restore[]> = fc.array(
  fc.record({
    tool: fc.constant('iptables-restore' as const),
    family: fc.constant('ipv4' as const),
    variant: fc.constant('nft' as const),
    table: fc.constantFrom(...TABLES),
    lines: fc.array(line, { minLength: 1, maxLength: 4 }),
  }),
)

describe('input of iptables-restore', () => {
  test('has each table once, guards first', () => {
    fc.assert(
      fc.property(commands, given => {
        const expected = TABLES.filter(table => given.some(command => command.table === table))
        expect(tablesOf(given).map(({ table }) => table)).toEqual(expected)
      }),
    )
  })

  test('declares chains before any rule names them, and deletes them last', () => {
    fc.assert(
      fc.property(commands, given => {
        for (const { lines } of tablesOf(given)) {
          const ranks = lines.map(text => (text.startsWith(':') ? 0 : text.startsWith('-X') ? 2 : 1))
          expect(ranks).toEqual(ranks.toSorted())
        }
      }),
    )
  })

  test('loses and adds nothing, and keeps the order of rules', () => {
    fc.assert(
      fc.property(commands, given => {
        for (const { table, lines } of tablesOf(given)) {
          const own = given.filter(command => command.table === table).flatMap(command => command.lines)
          expect(lines.toSorted()).toEqual(own.toSorted())
          const isRule = (text: string) => /^-[AID]/.test(text)
          expect(lines.filter(isRule)).toEqual(own.filter(isRule))
        }
      }),
    )
  })

  test('knows of every line the command it came from', () => {
    fc.assert(
      fc.property(commands, given => {
        const { text, origin } = restoreInput(given)
        const lines = text.split('\n').slice(0, -1)
        expect(origin).toHaveLength(lines.length)
        lines.forEach((content, i) => {
          const from = origin[i]
          if (from === undefined) expect(content).toMatch(/^(\*[a-z]+|COMMIT)$/)
          else expect(given[from]?.lines).toContain(content)
        })
      }),
    )
  })
})

test('a command is a line of a batch only where ip splits it into the same words', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), args => {
      const command = { tool: 'ip' as const, namespace: 'host', args }
      fc.pre(isBatchable(command))
      expect(batchInput([command])).toBe(`${args.join(' ')}\n`)
      expect(args.join(' ').split(/\s+/)).toEqual(args)
    }),
  )
  for (const word of ['', 'a b', "it's", 'a"b', '#', 'a\\b', '$(id)'])
    expect(isBatchable({ args: [word] })).toBe(false)
})

function tablesOf(given: Restore[]): { table: string; lines: string[] }[] {
  return [...restoreInput(given).text.matchAll(/^\*(\w+)\n([\s\S]*?)^COMMIT\n/gm)].map(
    ([, table = '', body = '']) => ({
      table,
      lines: body.split('\n').slice(0, -1),
    }),
  )
}
