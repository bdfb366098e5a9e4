// Brings a fresh machine to where the other scripts can start: it installs the node modules and, as root, the Debian
// packages that the tests use. Plain JavaScript, because without node modules nothing can run TypeScript on Node 20;
// scripts/tsconfig.json has it type-checked all the same.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'

/** The Debian package of each tool. */
const REQUIRED = {
  ip: 'iproute2',
  iptables: 'iptables',
  nft: 'nftables',
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
const PATH = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']

if (modulesAreStale() && !installModules())
  fail('npm could not install the node modules; the lines above say why.')
if (process.getuid?.() === 0) installPackages()
else if (missing(REQUIRED).length > 0)
  fail(`not installed: ${missing(REQUIRED).join(', ')}. Not root, so ${byHand()}`)

function modulesAreStale() {
  const installed = 'node_modules/.package-lock.json'
  return !existsSync(installed) || statSync(installed).mtimeMs < statSync('package-lock.json').mtimeMs
}

/** A registry that does not carry the packages of all platforms makes `npm ci` fail on a lock file that names them. */
function installModules() {
  const quiet = ['--no-audit', '--no-fund']
  return run('npm', ['ci', ...quiet]) || run('npm', ['install', '--no-save', ...quiet])
}

function installPackages() {
  const required = missing(REQUIRED)
  const all = [...required, ...missing(OPTIONAL)]
  if (all.length === 0) return
  apt('update')
  if (install(all)) return
  // A package that tests can do without must not keep the others from being installed.
  if (!install(required)) fail(`apt-get failed; ${byHand()}`)
  for (const name of missing(OPTIONAL)) {
    if (!install([name])) console.log(`setup: without ${name} some tests are skipped`)
  }
}

function byHand() {
  return `install them by hand: apt-get install ${missing(REQUIRED).join(' ')}`
}

/**
 * The packages of those tools that are not on this machine.
 * @param {Record<string, string>} tools
 */
function missing(tools) {
  const isThere = (/** @type {string} */ tool) => PATH.some(directory => existsSync(`${directory}/${tool}`))
  return [...new Set(Object.entries(tools).flatMap(([tool, name]) => (isThere(tool) ? [] : [name])))]
}

/** @param {string[]} packages */
function install(packages) {
  if (packages.length === 0) return true
  console.log(`setup: installing ${packages.join(', ')}`)
  return apt('install', '-y', '--no-install-recommends', ...packages)
}

/** @param {string[]} args */
function apt(...args) {
  return run('apt-get', ['-qq', '-o', 'Dpkg::Use-Pty=0', ...args], { DEBIAN_FRONTEND: 'noninteractive' })
}

/**
 * Whether the command succeeds.
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} env
 */
function run(command, args, env = {}) {
  const stdio = /** @type {const} */ (['ignore', 'inherit', 'inherit'])
  const { status } = spawnSync(command, args, { stdio: [...stdio], env: { ...process.env, ...env } })
  return status === 0
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(`setup: ${message}`)
  process.exit(1)
}
