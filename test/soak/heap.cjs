// Loaded into a watcher before it starts: at SIGUSR2 it collects all garbage and writes down what is left, in KB.
const { writeFileSync } = require('node:fs')
require('node:v8').setFlagsFromString('--expose-gc')
const gc = require('node:vm').runInNewContext('gc')
process.on('SIGUSR2', () => {
  gc()
  const { rss, heapUsed, external } = process.memoryUsage()
  const kib = [rss, heapUsed, external].map(bytes => Math.round(bytes / 1024))
  writeFileSync('/run/heap', `${kib.join(' ')}\n`)
})
