// The library in dist: index.js, one module, and index.d.ts, its declarations.
import { mkdirSync, writeFileSync } from 'node:fs'
import { bundleLibrary } from './library/bundle.ts'
import { declarations } from './library/declarations.ts'

mkdirSync('dist', { recursive: true })
await bundleLibrary('dist/index.js')
writeFileSync('dist/index.d.ts', declarations())
