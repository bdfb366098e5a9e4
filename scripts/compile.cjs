// Runs the program on standard input with these arguments, and prints in base64 what V8 has compiled of it by then.
const { readFileSync } = require('node:fs')
const v8 = require('node:v8')
const { Script } = require('node:vm')

const [lineOffset, ...args] = process.argv.slice(2)
// V8 takes no compiled form that was made under other flags, and the program is loaded before it sets its own.
v8.setFlagsFromString = () => {}
const script = new Script(readFileSync(0, 'latin1'), {
  // A stack names what this says, also where the compiled form is used.
  filename: 'nsctl.cjs',
  lineOffset: Number(lineOffset),
})
const print = process.stdout.write.bind(process.stdout)
process.argv = [process.execPath, __filename, ...args]
process.stdout.write = () => true
process.once('beforeExit', code => {
  if (code === 0) print(script.createCachedData().toString('base64'))
})
script.runInThisContext()(require, module, __filename)
