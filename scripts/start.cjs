// How the built file begins. In the comment that follows stand the program, and the same as V8 has compiled it: to compile
// two megabytes anew takes longer than most commands. Another version of node refuses that form and compiles the program.
// The text of a function is at hand, comments and all; the file would have to be read once more.
const { Script } = require('node:vm')

const [, program, compiled] = String(parts).split(MARK)
const script = new Script(program.replaceAll(ESCAPED, '*/'), {
  filename: 'nsctl.cjs',
  lineOffset: LINE,
  cachedData: Buffer.from(compiled, 'base64'),
})
script.runInThisContext()(require, module, __filename)

function parts() {
  /* PARTS */
}
