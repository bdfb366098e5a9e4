#!/usr/bin/env node
// Starts nsctl. The program is main.cjs, in the same directory. To compile it takes longer than most commands run, so
// the build leaves what V8 has compiled of it in main.cache. Nothing depends on that file: where it is missing, damaged,
// made for another program or another V8, or not as well protected as the program, V8 compiles main.cjs. Nothing is
// ever written.
'use strict'

const { lstatSync, readFileSync, statSync } = require('node:fs')
const { join } = require('node:path')
const { Script } = require('node:vm')
const { crc32 } = require('node:zlib')

const PROGRAM = join(__dirname, 'main.cjs')
const CACHE = join(__dirname, 'main.cache')
/** In front of the compiled form stands one line, filled up with spaces: what it was compiled from, and by. */
const HEADER_BYTES = 64

const program = readProgram()
// main.cjs is one function and, behind it, its call, for those who run it without this file. Node has no way to give
// a compiled form to a module, but to a script, which evaluates to the function.
const script = new Script(program.toString('latin1', 0, program.lastIndexOf('(')), {
  // V8 keeps this name in the compiled form.
  filename: 'main.cjs',
  cachedData: readCompiled(),
})
script.runInThisContext()(require, module, __filename)

function readProgram() {
  try {
    return readFileSync(PROGRAM)
  } catch (error) {
    process.stderr.write(`nsctl: the program is missing beside its launcher: ${error}\n`)
    process.exit(1)
  }
}

/** V8 itself compares no more than the length of the program, its own version and its flags. */
function readCompiled() {
  try {
    if (!isProtected()) return undefined
    const cache = readFileSync(CACHE)
    const compiled = cache.subarray(HEADER_BYTES)
    const wanted = `${process.versions.v8} ${process.arch} ${crc32(compiled, crc32(program))}`
    return cache.toString('latin1', 0, HEADER_BYTES).trimEnd() === wanted ? compiled : undefined
  } catch {
    return undefined
  }
}

/** Whether nobody can write the compiled form who could not write the program: in /tmp anybody may put a file. */
function isProtected() {
  const [own, cache] = [statSync(PROGRAM), lstatSync(CACHE)]
  const sameOwner = cache.uid === own.uid && cache.gid === own.gid
  return cache.isFile() && sameOwner && (cache.mode & ~own.mode & 0o022) === 0
}
