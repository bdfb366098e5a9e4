import { expect, test } from 'vitest'
import { formatAge } from '../../../src/render/age.ts'
import { renderTable } from '../../../src/render/table.ts'

test('text to the left, numbers to the right, no blanks at the end', () => {
  const rows = [
    ['web', '2', 'in-sync'],
    ['a-long-name', '1000', '-'],
  ]
  expect(renderTable(['NAME', 'VETHS', 'SYNC'], rows)).toBe(
    'NAME         VETHS  SYNC\nweb              2  in-sync\na-long-name   1000  -\n',
  )
})

test('a column that says nothing is left out; a cell that is missing is empty', () => {
  expect(renderTable(['A', 'RATE', 'B'], [['x', '', 'y'], ['z']])).toBe('A  B\nx  y\nz\n')
})

test('colours take no room, and a heading has none', () => {
  const painted = renderTable(
    ['S', 'N'],
    [
      ['up', 'a'],
      ['down', 'b'],
    ],
    cell => `<${cell}>`,
  )
  expect(painted).toBe('S     N\n<up>    <a>\n<down>  <b>\n')
})

test('what could drive a terminal is shown, and counted as it is shown', () => {
  expect(
    renderTable(
      ['A', 'B'],
      [
        ['\u001b', '…'],
        ['xxxxxx', 'y'],
      ],
    ),
  ).toBe('A       B\n\\u{1b}  …\nxxxxxx  y\n')
})

test.each([
  [0, '0 s ago'],
  [119, '119 s ago'],
  [120, '2 min ago'],
  [7_199, '119 min ago'],
  [7_200, '2 h ago'],
  [172_799, '47 h ago'],
  [172_800, '2 d ago'],
  [-5, 'in the future'],
  [Number.NaN, '-'],
])('%d seconds: %s', (seconds, text) => expect(formatAge(0, seconds * 1000)).toBe(text))
