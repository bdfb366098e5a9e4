import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))
const TESTS = fileURLToPath(new URL('../', import.meta.url))

/** What each part may import of the others, itself aside: main -> cli, commands -> … -> model, one way. */
const MAY_IMPORT: Record<string, string[]> = {
  // The library: it only passes on.
  'index.ts': ['engine', 'kernel', 'model'],
  'main.ts': ['cli', 'commands', 'kernel', 'render', 'model'],
  // Types of the commands' options, which it fills.
  cli: ['commands', 'model'],
  // A screenful each: ask the engine, print, choose the exit code.
  commands: ['engine', 'topology', 'render', 'model'],
  // Reads, plans, applies, verifies and rolls back; outcomes are values. It prints nothing and knows no exit code.
  engine: ['topology', 'planner', 'explain', 'doctor', 'graph', 'watch', 'kernel', 'kinds', 'model'],
  topology: ['model'],
  planner: ['kinds', 'firewall', 'model'],
  // What becomes of a packet: judges a host as it is, or as a plan would leave it.
  explain: ['firewall', 'model'],
  watch: ['model'],
  kernel: ['model'],
  graph: ['kinds', 'model'],
  doctor: ['planner', 'kinds', 'model'],
  render: ['explain', 'doctor', 'graph', 'kinds', 'model'],
  kinds: ['firewall', 'model'],
  firewall: ['model'],
  model: [],
}

/** Commands that reach past the engine, and why. */
const PAST_THE_ENGINE: Record<string, string> = {
  'commands/context.ts': 'types of what main hands to the engine',
  'commands/packets/verify.ts': 'the inner half of a probe runs where the engine has started it',
}

/** Packages with one owner; everything else is free. */
const OWNED_PACKAGES: Record<string, (file: string) => boolean> = {
  yaml: file => file.startsWith('topology/'),
  ajv: file => file.startsWith('topology/'),
  commander: file => file.startsWith('cli/'),
  elkjs: file => file === 'render/graph/layered.ts',
  'prom-client': file => file === 'commands/watch/metrics.ts',
  koffi: file => file.startsWith('kernel/netlink/'),
  execa: file => ['kernel/process/long-lived.ts', 'kernel/process/foreground.ts'].includes(file),
  'node:child_process': file => file === 'kernel/process/run.ts',
}

/** Parts that are pure: a plan can be computed and tested anywhere. */
const PURE = [
  'topology',
  'planner',
  'explain',
  'doctor',
  'graph',
  'watch',
  'render',
  'kinds',
  'firewall',
  'model',
]
const PURE_MODULES = ['node:util', 'node:crypto']

/** Who else touches `process`, and why main cannot do it for them. */
const TOUCHES_PROCESS: Record<string, string> = {
  'engine/host/access.ts': 'who a library runs in, where its caller does not say',
  'kernel/process/foreground.ts': 'passes signals on to the command on its terminal',
  'kernel/netlink/libc.ts': 'which machine the library is to be for',
  'kernel/netlink/socket.ts': 'ends at once, should it not find back from a namespace',
  'kernel/packets/probe.ts': 'gives up the privileges of root before it sends anything',
  'kernel/records/lock.ts': 'writes who holds the lock: its pid and command line',
  'kernel/process/run.ts': 'ends a command that hangs with all that it has started',
  'kernel/records/run-directory.ts': 'a run directory is only trusted when it is its own',
  'kernel/sandbox.ts': 'advice on what keeps this user from namespaces',
  'kernel/read/snapshot.ts': 'tells its own apply in flight from one that was cut off',
  'kernel/process/tools.ts': 'PATH, which root does not trust',
  'kernel/write/unlinked-file.ts': 'its own descriptors, by /proc',
}

/** Why they are longer than 250 lines. */
const LONG: Record<string, string> = {
  'topology/parse/file.ts': 'generated from the schema',
  'topology/parse/validator.generated.js': 'generated from the schema',
}

interface Import {
  file: string
  from: string
  name: string
  typeOnly: boolean
  /** Loaded when it is needed. */
  late: boolean
}

const files = readdirSync(SRC, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => `${entry.parentPath}/${entry.name}`.slice(SRC.length).replace(/^\//, ''))
const written = files.filter(file => !file.includes('.generated.'))
const sources = new Map(files.map(file => [file, readFileSync(SRC + file, 'utf8')]))
const imports = written.flatMap(file => importsOf(file))
const partOf = (file: string) => file.split('/', 1)[0] ?? file

describe('imports', () => {
  test('point one way', () => {
    const wrong = imports.filter(({ file, from }) => {
      if (!from.startsWith('.')) return false
      const target = resolved(file, from)
      if (target === null) return !from.endsWith('/schemas/topology.schema.json')
      const [own, other] = [partOf(file), partOf(target)]
      if (file in PAST_THE_ENGINE && other === 'kernel') return false
      return own !== other && !MAY_IMPORT[own]?.includes(other)
    })
    expect(shown(wrong)).toEqual([])
  })

  test('never lead back to where they began', () => {
    const arrows = imports
      .filter(({ late, from }) => !late && from.startsWith('.'))
      .map(({ file, from }): Arrow => [file, resolved(file, from) ?? ''])
    expect(arrows.length).toBeGreaterThan(500)
    expect(inCircles(arrows)).toEqual([])
  })

  test('have no folder that no rule is for', () => {
    expect([...new Set(written.map(partOf))].filter(part => !(part in MAY_IMPORT))).toEqual([])
  })

  test.each(Object.entries(OWNED_PACKAGES))('of %s are where they belong', (name, mayImport) => {
    const all = imports.filter(({ from }) => from === name || from.startsWith(`${name}/`))
    expect(shown(all.filter(({ file }) => !mayImport(file)))).toEqual([])
  })

  test('of the logger bring its type, but in main, which makes it', () => {
    const made = imports.filter(({ from, typeOnly }) => from === 'pino' && !typeOnly)
    expect(made.map(({ file }) => file)).toEqual(['main.ts'])
  })

  test('of the pure parts bring no I/O', () => {
    const wrong = imports.filter(
      ({ file, from }) =>
        PURE.includes(partOf(file)) && from.startsWith('node:') && !PURE_MODULES.includes(from),
    )
    expect(shown(wrong)).toEqual([])
  })

  test('name the file itself: there is nothing that only passes on', () => {
    const passing = written.filter(file =>
      /^export (type )?(\*|\{[^}]*\}) from /m.test(sources.get(file) ?? ''),
    )
    expect(passing).toEqual(['index.ts'])
  })
})

describe('files', () => {
  test('leave the process to main, but for those that say why', () => {
    const touching = written.filter(file => file !== 'main.ts' && usesProcess(file))
    expect(touching.toSorted()).toEqual(Object.keys(TOUCHES_PROCESS).toSorted())
  })

  test('are at most 250 lines, but for those that say why', () => {
    const long = files.filter(file => (sources.get(file) ?? '').split('\n').length - 1 > 250)
    expect(long.toSorted()).toEqual(Object.keys(LONG).toSorted())
  })

  test('have no name that could mean anything', () => {
    const vague = /(^|\/)(utils?|common|helpers?|misc|shared|index)(\/|\.|$)/i
    // Node's own word for a package's entry.
    expect(files.filter(file => vague.test(file) && file !== 'index.ts')).toEqual([])
  })

  test('declare no managers, helpers, services or factories', () => {
    const names = written.flatMap(file =>
      [...(sources.get(file) ?? '').matchAll(/\b(?:class|interface|type|function|const) (\w+)/g)].map(
        ([, name]) => `${file}: ${name}`,
      ),
    )
    expect(names.length).toBeGreaterThan(500)
    expect(names.filter(name => /[a-z](Manager|Helper|Service|Factory|Util)s?$/.test(name))).toEqual([])
  })
})

function parsed(file: string): ts.SourceFile {
  return ts.createSourceFile(file, sources.get(file) ?? '', ts.ScriptTarget.Latest, true)
}

function importsOf(file: string): Import[] {
  const source = parsed(file)
  const declared = source.statements
    .filter(ts.isImportDeclaration)
    .map(({ moduleSpecifier, importClause }) => ({
      file,
      from: (moduleSpecifier as ts.StringLiteral).text,
      name: importClause?.getText() ?? '',
      typeOnly: importClause?.isTypeOnly ?? false,
      late: false,
    }))
  return [...declared, ...lateImports(file, source)]
}

/** `await import('…')`: of what is only loaded once it is needed. */
function lateImports(file: string, node: ts.Node): Import[] {
  const below: Import[] = []
  node.forEachChild(child => void below.push(...lateImports(file, child)))
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) return below
  const [from] = node.arguments
  return [{ file, from: (from as ts.StringLiteral).text, name: '', typeOnly: false, late: true }, ...below]
}

type Arrow = [from: string, to: string]

/** What is left when nothing is taken that no arrow leads to, nor what none leads from. */
function inCircles(arrows: Arrow[]): Arrow[] {
  const [sources, targets] = [new Set(arrows.map(([from]) => from)), new Set(arrows.map(([, to]) => to))]
  const left = arrows.filter(([from, to]) => targets.has(from) && sources.has(to))
  return left.length === arrows.length ? left : inCircles(left)
}

/** The file below src that an import leads to; null outside of it. */
function resolved(file: string, from: string): string | null {
  const path = new URL(from, `file:///src/${file}`).pathname
  return path.startsWith('/src/') ? path.slice('/src/'.length) : null
}

/** Whether the global is used: not as a property, nor as the name of one. */
function usesProcess(file: string): boolean {
  const visit = (node: ts.Node): boolean =>
    (ts.isIdentifier(node) &&
      node.text === 'process' &&
      ts.isPropertyAccessExpression(node.parent) &&
      node.parent.expression === node) ||
    (ts.forEachChild(node, child => visit(child) || undefined) ?? false)
  return visit(parsed(file))
}

function shown(wrong: Import[]): string[] {
  return wrong.map(({ file, from, name }) => `${file}: ${name} from ${from}`)
}

test('every test file is in the folder of a project: elsewhere it would never run', () => {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  const lost = files.filter(name => name.endsWith('.test.ts') && !/^(unit|kernel)\//.test(name))
  expect(lost).toEqual([])
})
