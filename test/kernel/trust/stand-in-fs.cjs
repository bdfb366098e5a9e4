// Loaded into nsctl before it starts: counts its changes to files, and does to one of them what STAND_IN_FS says.
const fs = require('node:fs')
// The reverter is started without: what it does is not the story's.
const { nth, act, code, patience } = JSON.parse(process.env.STAND_IN_FS ?? '{"nth":null}')
// nsctl gives a command two minutes: too long to wait for one that is made to hang.
const wait = globalThis.setTimeout
if (patience)
  globalThis.setTimeout = (done, ms, ...rest) => wait(done, ms === 120_000 ? patience : ms, ...rest)
const NAMES = [
  'openSync',
  'writeSync',
  'fchmodSync',
  'fsyncSync',
  'renameSync',
  'rmSync',
  'rmdirSync',
  'mkdirSync',
  'writeFileSync',
  'unlinkSync',
  'appendFileSync',
]
const log = fs.openSync(nth === null ? '/dev/null' : '/run/stand-ins/files', 'a')
const real = Object.fromEntries(NAMES.map(name => [name, fs[name]]))
let count = 0
let inside = false

for (const name of NAMES) {
  fs[name] = (...args) => {
    const reads = name === 'openSync' && (args[1] === undefined || args[1] === 'r')
    if (inside || reads) return real[name](...args)
    inside = true
    count += 1
    const hit = count === nth
    try {
      real.writeSync(log, `${name}${typeof args[0] === 'string' ? ` ${args[0]}` : ''}\n`)
      if (hit) real.appendFileSync('/run/stand-ins/hits', `${act} ${name}\n`)
      if (hit && act === 'kill-before') process.kill(process.pid, 'SIGKILL')
      if (hit && act === 'fail') throw Object.assign(new Error(`${code}: stand-in`), { code })
      const result = real[name](...args)
      if (hit && act === 'kill-after') process.kill(process.pid, 'SIGKILL')
      return result
    } finally {
      inside = false
    }
  }
}
