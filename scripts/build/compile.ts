// Runs a command with the program, and writes what V8 has compiled of it by then: as much as most commands have in
// common. In a process of its own, since the program ends by itself. Arguments: the program, the file to write, the command.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import v8 from 'node:v8'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'

const [programFile = '', cacheFile = '', ...command] = process.argv.slice(2)
const program = readFileSync(programFile)
// As the launcher does it.
const script = new Script(program.toString('latin1', 0, program.lastIndexOf('(')), { filename: 'main.cjs' })

// V8 refuses what was compiled under other flags, and the program is loaded before it sets its own.
v8.setFlagsFromString = () => {}
process.stdout.write = () => true
process.argv = [process.execPath, programFile, ...command]
process.once('beforeExit', code => {
  if (code === 0) writeCache(script.createCachedData())
})
script.runInThisContext()(createRequire(resolve(programFile)), { exports: {} }, programFile)

/** The line in front is what the launcher compares. */
function writeCache(compiled: Buffer): void {
  const from = `${process.versions.v8} ${process.arch} ${crc32(compiled, crc32(program))}`
  writeFileSync(cacheFile, Buffer.concat([Buffer.from(`${from.padEnd(63)}\n`), compiled]))
}
