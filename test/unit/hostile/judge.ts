import { expect } from 'vitest'
import type { Diagnostic } from '../../../src/model/diagnostic.ts'
import { renderDiagnostics } from '../../../src/render/diagnostics.ts'

/** C0 but line ends, DEL, C1, bidi controls: what no output may hold. */
const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

export function expectPrintable(text: string): void {
  const found = RAW.exec(text)
  expect(found && JSON.stringify(text.slice(Math.max(0, found.index - 60), found.index + 20))).toBeNull()
}

/** That what is said of a file can be printed in every format, and points into the file. */
export function expectSound(diagnostics: Diagnostic[], text: string): void {
  const lines = text.split('\n')
  expect(diagnostics.length).toBeGreaterThan(0)
  for (const { source, code } of diagnostics) {
    expect(code).toMatch(/^[a-z][a-z0-9-]*$/)
    expect(source.line).toBeGreaterThan(0)
    expect(source.line).toBeLessThanOrEqual(lines.length)
    expect(source.column).toBeGreaterThan(0)
    expect(source.column).toBeLessThanOrEqual((lines[source.line - 1]?.length ?? 0) + 1)
  }
  for (const format of ['text', 'json', 'github'] as const) {
    expectPrintable(renderDiagnostics(diagnostics, format))
  }
}
