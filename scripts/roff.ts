/** The part of a manual page that a document's text becomes: of Markdown, what the documents here use. */
export function roffOf(markdown: string): string {
  return blocksOf(markdown).map(roffOfBlock).join('\n')
}

/** Text with `code`, **stress** and links. */
export function inline(text: string): string {
  return text
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, (_, label: string, target: string) => label + pointer(target))
    .split(/(`[^`]+`)/)
    .map(part => (part.startsWith('`') ? bold(literal(part.slice(1, -1))) : prose(part)))
    .join('')
}

/** Where a link leads, as far as it leads out of the pages. */
function pointer(target: string): string {
  if (/(^|\/)topology\.md/.test(target)) return ' (`nsctl-topology(5)`)'
  return /^https?:/.test(target) ? ` (${target})` : ''
}

/** No font of groff's has the ballot. */
export function literal(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('✗', '×')
}

export function bold(roff: string): string {
  return `\\fB${roff}\\fR`
}

/** A line that begins with `.` or `'` would be a request. */
export function line(roff: string): string {
  return /^[.']/.test(roff) ? `\\&${roff}` : roff
}

function prose(text: string): string {
  return text.replaceAll('\\', '\\e').replace(/\*\*([^*]+)\*\*/g, '\\fB$1\\fR')
}

type Block =
  | { kind: 'heading' | 'paragraph'; text: string }
  | { kind: 'code'; lines: string[] }
  | { kind: 'list'; items: string[] }
  | { kind: 'table'; head: string[]; rows: string[][] }

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  const lines = markdown.replace(/<!--[\s\S]*?-->/g, '').split('\n')
  for (let i = 0; i < lines.length; i++) {
    const first = lines[i] ?? ''
    const taken = (goesOn: (text: string) => boolean): string[] => {
      const start = i
      while (i + 1 < lines.length && goesOn(lines[i + 1] ?? '')) i++
      return lines.slice(start, i + 1)
    }
    if (first.trim() === '') continue
    if (first.startsWith('```')) {
      const [, ...code] = taken(text => !text.startsWith('```'))
      i++
      if (code[0] === '# in a sandbox') code.shift()
      blocks.push({ kind: 'code', lines: code })
    } else if (first.startsWith('    ')) {
      blocks.push({ kind: 'code', lines: taken(text => text.startsWith('    ')).map(text => text.slice(4)) })
    } else if (first.startsWith('#')) {
      blocks.push({ kind: 'heading', text: first.replace(/^#+ /, '') })
    } else if (first.startsWith('|')) {
      const [head = [], , ...rows] = taken(text => text.startsWith('|')).map(cellsOf)
      blocks.push({ kind: 'table', head, rows })
    } else if (first.startsWith('- ')) {
      const text = taken(next => next.startsWith('- ') || next.startsWith('  ')).join('\n')
      blocks.push({ kind: 'list', items: text.slice(2).split('\n- ').map(joined) })
    } else {
      const text = joined(taken(next => next.trim() !== '' && !/^(```|#|\||- )/.test(next)).join('\n'))
      blocks.push({ kind: 'paragraph', text })
    }
  }
  return blocks
}

function cellsOf(row: string): string[] {
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map(cell => cell.trim().replaceAll('\\|', '|'))
}

function joined(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ')
}

function roffOfBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `.SS ${inline(block.text).replaceAll('"', '')}`
    case 'paragraph':
      return `.PP\n${line(inline(block.text))}`
    case 'code':
      return ['.PP', '.RS 4', '.nf', ...block.lines.map(text => line(literal(text))), '.fi', '.RE'].join('\n')
    case 'list':
      return block.items.map(item => `.IP \\(bu 2\n${line(inline(item))}`).join('\n')
    case 'table':
      return block.rows.map(row => entry(block.head, row)).join('\n')
  }
}

/** A row: what its first cell names is explained by the others. */
function entry(head: string[], [name = '', ...cells]: string[]): string {
  const said = cells.flatMap((cell, i) => {
    const title = head[i + 1] ?? ''
    if (cell === '') return []
    return /^examples?$/.test(title) ? [`For example ${inline(cell)}.`] : [sentence(inline(cell))]
  })
  return `.TP\n${line(inline(name))}\n${line(said.join(' ') || '\\&')}`
}

function sentence(text: string): string {
  return /[.!?:]$/.test(text) ? text : `${text}.`
}
