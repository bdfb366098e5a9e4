// One CommonJS file: the form that node starts fastest, and that needs no node_modules at run time.
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { brotliCompressSync, constants } from 'node:zlib'
import { build } from 'esbuild'
import { noticesOf } from './notices.mjs'

// Renamed into place: who starts nsctl meanwhile gets the old one or the new one, never half a file.
const unfinished = `dist/nsctl.${process.pid}.cjs`
const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))

// The layout library is as large as all the rest and rarely needed: as a packed text it costs the others no parsing.
const packed = {
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
function compressed(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
  return brotliCompressSync(bytes, { params }).toString('base64')
}

const { outputFiles, metafile } = await build({
  metafile: true,
  entryPoints: ['src/main.ts'],
  outfile: unfinished,
  write: false,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  external: ['koffi'],
  // Names stay, for stacks that can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  loader: { '.css': 'text', '.browser.js': 'text' },
  plugins: [packed],
  define: { NSCTL_VERSION: JSON.stringify(version) },
  banner: { js: '#!/usr/bin/env node' },
  logLevel: 'warning',
})
// Node's own modules behind sockets, processes and hashes take longer to load than most commands to run.
const late = /\b(\w+)=require\("(node:(?:child_process|crypto|http|net|readline|readline\/promises|v8))"\)/g
const code = outputFiles[0].text.replace(late, '$1=nsctlLate("$2")')
const lateModule = 'const nsctlLate=name=>new Proxy({},{get:(_,key)=>require(name)[key]});'
await mkdir('dist', { recursive: true })
await writeFile(
  unfinished,
  code.replace('"use strict";', found => found + lateModule),
)
await writeFile('dist/LICENSES', await noticesOf(metafile))
await chmod(unfinished, 0o755)
await rename(unfinished, 'dist/nsctl.cjs')
