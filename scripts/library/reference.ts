import ts from 'typescript'

type Declared =
  | ts.FunctionDeclaration
  | ts.ClassDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration
  | ts.VariableStatement

interface Entry {
  name: string
  exported: boolean
  declared: Declared
  /** Names of the other entries that it refers to. */
  mentions: string[]
}

/** What a reader wants first, in the order of a program; other functions follow by name. */
const FIRST = ['loadTopology', 'readHost', 'plan', 'apply', 'destroy', 'explain']

/**
 * Renders the reference of the library.
 *
 * @param index the text of src/index.ts, whose first comment is the introduction
 * @param declarations the bundled declarations of what it exports
 */
export function renderLibraryReference(index: string, declarations: string, notice: string): string {
  const entries = entriesOf(ts.createSourceFile('index.d.ts', declarations, ts.ScriptTarget.Latest, true))
  const functions = entries.filter(({ declared }) => ts.isFunctionDeclaration(declared)).toSorted(byUse)
  const errors = entries.filter(({ declared }) => ts.isClassDeclaration(declared)).toSorted(byName)
  const types = entries.filter(entry => ![...functions, ...errors].includes(entry)).toSorted(byName)
  return `${[
    `<!-- ${notice} -->`,
    '# The library',
    introductionOf(index),
    'For an example see [nsctl as a library](../library.md).',
    '## Functions',
    ...functions.map(render),
    '## Errors',
    'A failure that can be expected is an outcome, which is returned. These errors are thrown.',
    ...errors.map(render),
    '## Types',
    ...types.filter(({ exported }) => exported).map(render),
    '## Parts of these types',
    'They have no export of their own.',
    ...types.filter(({ exported }) => !exported).map(render),
  ].join('\n\n')}\n`
}

function introductionOf(index: string): string {
  const [, comment = ''] = /^\/\*\*\n([\s\S]*?)\n \*\//.exec(index) ?? []
  return comment.replace(/^ \* ?/gm, '')
}

function entriesOf(source: ts.SourceFile): Entry[] {
  const declared = source.statements.filter(isDeclared)
  const names = new Set(declared.map(nameOf))
  return declared.map(statement => ({
    name: nameOf(statement),
    exported: ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false,
    declared: statement,
    mentions: [...mentionsIn(statement)].filter(name => names.has(name) && name !== nameOf(statement)),
  }))
}

function isDeclared(statement: ts.Statement): statement is Declared {
  return (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isVariableStatement(statement)
  )
}

function nameOf(declared: Declared): string {
  const name = ts.isVariableStatement(declared)
    ? declared.declarationList.declarations[0]?.name
    : declared.name
  return name?.getText() ?? ''
}

function mentionsIn(node: ts.Node): Set<string> {
  const found = new Set<string>()
  const visit = (child: ts.Node): void => {
    if (ts.isTypeReferenceNode(child)) found.add(child.typeName.getText())
    if (ts.isExpressionWithTypeArguments(child)) found.add(child.expression.getText())
    if (ts.isTypeQueryNode(child)) found.add(child.exprName.getText())
    child.forEachChild(visit)
  }
  visit(node)
  return found
}

function byName(a: Entry, b: Entry): number {
  return a.name < b.name ? -1 : 1
}

function byUse(a: Entry, b: Entry): number {
  const place = ({ name }: Entry) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length)
  return place(a) - place(b) || byName(a, b)
}

/** A heading, what the docstring says, the declaration, and links to the types in it. */
function render({ name, declared, mentions }: Entry): string {
  const links = mentions.map(other => `[\`${other}\`](#${anchorOf(other)})`)
  return [
    `### \`${ts.isFunctionDeclaration(declared) ? callOf(declared) : name}\``,
    ...docsOf(declared),
    `\`\`\`ts\n${textOf(declared)}\n\`\`\``,
    ...(links.length > 0 ? [`See ${links.join(', ')}.`] : []),
  ].join('\n\n')
}

function callOf({ name, parameters }: ts.FunctionDeclaration): string {
  return `${name?.text}(${parameters.map(parameterName).join(', ')})`
}

/** Where a function takes an object apart, the declaration shows the parts: here it gets the name of its type. */
function parameterName({ name, type }: ts.ParameterDeclaration): string {
  if (ts.isIdentifier(name)) return name.text
  const typeName = type && ts.isTypeReferenceNode(type) ? type.typeName.getText() : ''
  return typeName === '' || typeName.endsWith('Options') || typeName === 'Partial'
    ? 'options'
    : typeName.charAt(0).toLowerCase() + typeName.slice(1)
}

/** As it stands, without what nobody calls: the constructors of errors. */
function textOf(declared: Declared): string {
  let text = declared.getText()
  if (ts.isFunctionDeclaration(declared)) {
    for (const parameter of declared.parameters)
      text = text.replace(parameter.name.getText(), parameterName(parameter))
  }
  if (ts.isClassDeclaration(declared)) {
    for (const member of declared.members.filter(ts.isConstructorDeclaration))
      text = text.replace(member.getFullText(), '')
  }
  return text.replace(/^(export )?(declare )?/, '').replace(/ \{\s*\}$/, '')
}

/** Paragraphs of the docstring, then a list of the parameters that it describes. */
function docsOf(declared: Declared): string[] {
  return ts.getJSDocCommentsAndTags(declared).flatMap(doc => {
    if (!ts.isJSDoc(doc)) return []
    const paragraphs = ts.getTextOfJSDocComment(doc.comment) ?? ''
    const parameters = (doc.tags ?? []).flatMap(tag =>
      ts.isJSDocParameterTag(tag)
        ? [`- \`${tag.name.getText()}\`: ${ts.getTextOfJSDocComment(tag.comment) ?? ''}`]
        : [],
    )
    return [paragraphs, parameters.join('\n')].filter(text => text !== '')
  })
}

/** As GitHub makes anchors of headings. */
function anchorOf(name: string): string {
  return name.toLowerCase().replace(/[^\w-]/g, '')
}
