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
/** Without them some tests are skipped. */
const OPTIONAL = {
  chromium: 'chromium',
  dot: 'graphviz',
  zsh: 'zsh',
  fish: 'fish',
  man: 'man-db',
  groff: 'groff-base',
  mandoc: 'mandoc',
  'systemd-analyze': 'systemd',
  'systemd-notify': 'systemd',
}
const QUIET = ['--no-audit', '--no-fund']
const PATH = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']

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

const packagesMissing = tools => [
  ...new Set(
    Object.entries(tools).flatMap(([tool, name]) =>
      PATH.some(directory => existsSync(`${directory}/${tool}`)) ? [] : [name],
    ),
  ),
]
const apt = (...args) =>
  run('apt-get', ['-qq', '-o', 'Dpkg::Use-Pty=0', ...args], { DEBIAN_FRONTEND: 'noninteractive' })
const install = packages => {
  if (packages.length === 0) return true
  console.log(`setup: installing ${packages.join(', ')}`)
  return apt('install', '-y', '--no-install-recommends', ...packages)
}

const required = packagesMissing(REQUIRED)
const optional = packagesMissing(OPTIONAL)
const advice = `install them by hand: apt-get install ${required.join(' ')}`
if (process.getuid() !== 0) {
  if (required.length > 0) {
    console.error(`setup: not installed: ${required.join(', ')}. Not root, so ${advice}`)
    process.exit(1)
  }
} else if (required.length + optional.length > 0) {
  apt('update')
  // What tests can do without must not keep the rest from being installed.
  if (!install([...required, ...optional])) {
    if (!install(required)) {
      console.error(`setup: apt-get failed; ${advice}`)
      process.exit(1)
    }
    for (const name of packagesMissing(OPTIONAL)) {
      if (!install([name])) console.log(`setup: without ${name} some tests are skipped`)
    }
  }
}
