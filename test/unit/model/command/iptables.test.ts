import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type RestoreCommand,
  type RestoreLine,
  restoreInput,
  restoreLine,
  TABLES,
} from '../../../../src/model/command/iptables.ts'

const chain = fc.constantFrom('A', 'B', 'C')

const line: fc.Arbitrary<RestoreLine> = fc.oneof(
  fc.record({ op: fc.constant('declare' as const), chain, policy: fc.constantFrom(null, 'DROP') }),
  fc.record({ op: fc.constantFrom('append', 'insert', 'delete'), chain, rule: fc.nat(9).map(String) }),
  fc.record({ op: fc.constant('delete-chain' as const), chain }),
)

const commands: fc.Arbitrary<RestoreCommand[]> = fc.array(
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
          const own = given
            .filter(command => command.table === table)
            .flatMap(command => command.lines.map(restoreLine))
          expect(lines.toSorted()).toEqual(own.toSorted())
          const isRule = (text: string) => /^-[AID]/.test(text)
          expect(lines.filter(isRule)).toEqual(own.filter(isRule))
        }
      }),
    )
  })

  test('knows of every line which one of which command it is', () => {
    fc.assert(
      fc.property(commands, given => {
        const { text, origin } = restoreInput(given)
        const lines = text.split('\n').slice(0, -1)
        expect(origin).toHaveLength(lines.length)
        lines.forEach((content, i) => {
          const from = origin[i]
          if (from === undefined) expect(content).toMatch(/^(\*[a-z]+|COMMIT)$/)
          else {
            expect(given[from.command]?.lines).toContain(from.line)
            expect(content).toBe(restoreLine(from.line))
          }
        })
      }),
    )
  })
})

function tablesOf(given: RestoreCommand[]): { table: string; lines: string[] }[] {
  return [...restoreInput(given).text.matchAll(/^\*(\w+)\n([\s\S]*?)^COMMIT\n/gm)].map(
    ([, table = '', body = '']) => ({
      table,
      lines: body.split('\n').slice(0, -1),
    }),
  )
}
