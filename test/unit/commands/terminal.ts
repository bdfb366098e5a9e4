import pc from 'picocolors'
import type { Context } from '../../../src/commands/context.ts'

/** A command line whose output is kept. What a test does not give throws when it is used. */
export function terminal(given: Partial<Context> = {}): { context: Context; out(): string; err(): string } {
  let [out, err] = ['', '']
  const colors = pc.createColors(false)
  const context = {
    write: (text: string) => {
      out += text
    },
    say: (text: string) => {
      err += text
    },
    colors,
    errorColors: colors,
    environment: {},
    ...given,
  }
  const strict = new Proxy(context as Context, {
    get: (target, key) => {
      if (Reflect.has(target, key)) return Reflect.get(target, key)
      throw new Error(`the test gives no ${String(key)}`)
    },
  })
  return { context: strict, out: () => out, err: () => err }
}
