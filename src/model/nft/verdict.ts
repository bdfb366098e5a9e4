import { fieldsOf, textIn } from './json-fields.ts'

/** Where a packet goes from a rule; `continue` is the next one. */
export type NftVerdict =
  | 'accept'
  | 'drop'
  | 'continue'
  | 'return'
  /** A queue, of which nobody knows what becomes of the packet. */
  | 'queue'
  | { jump: string }
  | { goto: string }

/** Null for what is no verdict. */
export function parseVerdict(json: unknown): NftVerdict | null {
  const [name, content] = Object.entries(fieldsOf(json) ?? {})[0] ?? []
  switch (name) {
    case 'accept':
    case 'drop':
    case 'continue':
    case 'return':
    case 'queue':
      return name
    case 'jump':
    case 'goto': {
      const target = textIn(fieldsOf(content) ?? {}, 'target')
      if (target === null) return null
      return name === 'jump' ? { jump: target } : { goto: target }
    }
    default:
      return null
  }
}
