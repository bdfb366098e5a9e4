// Everything that nsctl is handed out as, into out/ or another directory: the npm package, the executable, and the
// Debian package.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { debianName, makeDebianPackage } from './package/debian.ts'
import { makeExecutable } from './package/executable.ts'

const release = JSON.parse(readFileSync('package.json', 'utf8'))
const { version } = release
const released = /^## \[([^\]]+)\]/m.exec(readFileSync('CHANGELOG.md', 'utf8'))?.[1]
if (released !== version)
  throw new Error(`CHANGELOG.md begins with ${released}, package.json says ${version}`)

const [out = 'out'] = process.argv.slice(2)
rmSync(out, { recursive: true, force: true })
mkdirSync(out)
execFileSync('npm', ['pack', '--silent', '--pack-destination', out], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
const executable = `${out}/nsctl-${version}-linux-${process.arch}`
await makeExecutable(executable)
makeDebianPackage(
  release,
  { executable, completions: shell => execFileSync(executable, ['completion', shell]) },
  `${out}/${debianName(version)}`,
)

const names = readdirSync(out).sort()
const sums = names.map(name => `${sha256(`${out}/${name}`)}  ${name}\n`)
writeFileSync(`${out}/SHA256SUMS`, sums.join(''))
for (const name of names) console.log(`${megabytes(`${out}/${name}`)}  ${out}/${name}`)

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

function megabytes(path: string): string {
  return `${(statSync(path).size / 1e6).toFixed(1).padStart(6)} MB`
}
