// Brings a fresh machine to where the other scripts can start: node modules and the Debian packages the tests use.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'

const REQUIRED = {
  ip: 'iproute2',
  iptables: 'iptables',
  ss: 'iproute2',
  conntrack: 'conntrack',
  sysctl: 'procps',
  ping: 'iputils-ping',
  unshare: 'util-linux',
  git: 'git',
}
/** Without them some tests are skipped, and say so. */
const OPTIONAL = { chromium: 'chromium', dot: 'graphviz' }
const QUIET = ['--no-audit', '--no-fund']
const SBIN = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']

const run = (command, args, env = {}) =>
  spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } })
    .status === 0

const modulesStale = () =>
  !existsSync('node_modules/.package-lock.json') ||
  statSync('node_modules/.package-lock.json').mtimeMs < statSync('package-lock.json').mtimeMs

// A registry that does not carry the packages of all platforms makes `npm ci` fail on a lock file that names them.
const installModules = () => run('npm', ['ci', ...QUIET]) || run('npm', ['install', '--no-save', ...QUIET])
if (modulesStale() && !installModules()) {
  console.error('setup: npm could not install the node modules; the lines above say why.')
  process.exit(1)
}

const missingOf = tools =>
  Object.entries(tools).filter(([tool]) => !SBIN.some(dir => existsSync(`${dir}/${tool}`)))
const apt = args =>
  run('apt-get', ['-qq', '-o', 'Dpkg::Use-Pty=0', ...args], { DEBIAN_FRONTEND: 'noninteractive' })
const install = packages => apt(['update']) && apt(['install', '-y', '--no-install-recommends', ...packages])

const missing = missingOf(REQUIRED)
if (missing.length > 0) {
  const packages = [...new Set(missing.map(([, name]) => name))]
  const advice = `install them by hand: apt-get install ${packages.join(' ')}`
  if (process.getuid() !== 0) {
    console.error(`setup: not found: ${missing.map(([tool]) => tool).join(', ')}. Not root, so ${advice}`)
    process.exit(1)
  }
  console.log(`setup: installing ${packages.join(', ')}`)
  if (!install(packages)) {
    console.error(`setup: apt-get failed; ${advice}`)
    process.exit(1)
  }
}

const wished = missingOf(OPTIONAL).map(([, name]) => name)
if (wished.length > 0 && process.getuid() === 0) {
  console.log(`setup: installing ${wished.join(', ')}`)
  if (!install(wished)) console.log(`setup: without ${wished.join(', ')} some tests are skipped`)
}
