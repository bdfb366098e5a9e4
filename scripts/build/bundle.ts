import { readFile } from 'node:fs/promises'
import { brotliCompressSync, constants } from 'node:zlib'
import { build, type Metafile, type Plugin } from 'esbuild'

// Node's own modules behind sockets, processes and hashes take longer to load than most commands to run. esbuild copies
// what a module has of its own; what it inherits is looked up at each use.
const LATE = /^node:(child_process|crypto|http|net|readline|readline\/promises|tty|v8)$/
export const late: Plugin = {
  name: 'late',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: LATE }, ({ path, namespace }) =>
      namespace === 'late' ? { path, external: true } : { path, namespace: 'late' },
    )
    onLoad({ filter: LATE, namespace: 'late' }, ({ path }) => ({
      contents: `module.exports = Object.create(new Proxy({}, { get: (_, key) => require('${path}')[key] }))`,
    }))
  },
}

// The layout library is as large as all the rest and rarely needed: as a packed text it costs the others no parsing.
const packed: Plugin = {
  name: 'packed',
  setup({ onLoad }) {
    onLoad({ filter: /elkjs\/lib\/elk\.bundled\.js$/ }, async ({ path }) => ({
      contents: `
        const { brotliDecompressSync } = require('node:zlib')
        const text = ${JSON.stringify(compressed(await readFile(path)))}
        const code = brotliDecompressSync(Buffer.from(text, 'base64')).toString()
        new Function('module', 'exports', 'require', code)(module, exports, require)`,
      loader: 'js',
    }))
  },
}

// The best quality takes twenty times as long for a tenth less.
function compressed(bytes: Buffer): string {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
  return brotliCompressSync(bytes, { params }).toString('base64')
}

/** The source as one CommonJS program, in ASCII, and esbuild's account of what it is made of. */
export async function bundle(): Promise<{ program: string; metafile: Metafile }> {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'))
  const { outputFiles, metafile } = await build({
    metafile: true,
    entryPoints: ['src/main.ts'],
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    external: ['koffi'],
    legalComments: 'none',
    loader: { '.css': 'text', '.browser.js': 'text' },
    plugins: [late, packed],
    // Only the library looks for the program; the program knows itself.
    define: { NSCTL_VERSION: JSON.stringify(version), 'import.meta.dirname': '""' },
    logLevel: 'warning',
  })
  const [{ text: program } = { text: '' }] = outputFiles
  // The launcher takes a byte for a character, and a string with one other character takes twice the memory.
  if (/[^\0-\x7f]/.test(program))
    throw new Error('the bundle is not plain ASCII: in regular expressions write \\u….')
  return { program, metafile }
}
