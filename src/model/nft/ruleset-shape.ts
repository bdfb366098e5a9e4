import * as shape from '../text/shape.ts'
import type { NftBase, NftChain, NftMisprint, NftRule, NftRuleset, NftSet, NftTable } from './ruleset.ts'

const { anything, boolean, list, number, object, oneOf, optional, text } = shape

const rule = object<NftRule>({
  handle: number,
  text,
  comment: optional(text),
  statements: list(anything),
})

const base = object<NftBase>({
  type: oneOf('filter', 'nat', 'route'),
  hook: text,
  priority: number,
  policy: oneOf('accept', 'drop'),
  devices: optional(list(text)),
})

const chain = object<NftChain>({ name: text, base: optional(base), rules: list(rule) })

const set = object<NftSet>({ name: text, kind: oneOf('set', 'map'), elements: optional(list(anything)) })

/** In a saved snapshot. */
export const nftRuleset = object<NftRuleset>({
  tables: list(
    object<NftTable>({
      family: text,
      name: text,
      dormant: optional(boolean as shape.Shape<true>),
      chains: list(chain),
      sets: list(set),
    }),
  ),
  misprints: list(object<NftMisprint>({ family: text, table: text, chain: text, rule, sets: list(set) })),
  made: optional(list(text)),
})
