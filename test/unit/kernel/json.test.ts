import { expect, it } from 'vitest'
import { GarbledOutput, parseArrays, parseJson } from '../../../src/kernel/read/json.ts'

it('reads one array per line, without empty elements', () => {
  expect(parseArrays('ip', '[{"a":1},{},{"a":2}]\n[]\n', 2)).toEqual([[{ a: 1 }, { a: 2 }], []])
})

it.each([
  ['[{"a":1}]\n[{"b"', 'ip -j addr: printed no valid JSON'],
  ['[{"a":1}]\n', 'ip -j addr: printed 1 answers to 2 questions'],
  ['', 'ip -j addr: printed 0 answers to 2 questions'],
  ['{}\n{}\n', 'ip -j addr: printed JSON that is no array'],
  ['Segmentation fault\n[]\n', 'ip -j addr: printed no valid JSON'],
])('names the command that printed %j', (text, message) => {
  expect(() => parseArrays('ip -j addr', text, 2)).toThrow(new GarbledOutput('ip', '').constructor as never)
  expect(() => parseArrays('ip -j addr', text, 2)).toThrow(message)
})

it('repairs what iproute2 writes of names with control characters and quotes', () => {
  expect(parseJson('ip', '[{"n":"e\u001b[31m\\"q\\\\ \\\' x"}]')).toEqual([{ n: 'e\u001b[31m"q\\ \' x' }])
})
