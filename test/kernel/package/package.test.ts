import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { NOBODY } from '../host/nobody.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

/** The demo's main job, with what every Debian has: two servers behind published ports, asked from outside. */
const STORY = `
set -e
nsctl apply "$1" --rehearse > /dev/null
serve() {
  nsctl exec "$1" -- perl -MIO::Socket::INET -e '
    $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 1, ReuseAddr => 1) or die $!;
    print "listening\\n"; close STDOUT; $client = $server->accept; print $client "$ARGV[0]\\n"' "$1"
}
ask() {
  ip netns exec outside perl -MIO::Socket::INET -e '
    $server = IO::Socket::INET->new(PeerAddr => "203.0.113.10:$ARGV[0]", Timeout => 5) or die $!; print <$server>' "$1"
}
for name in netns1 netns2; do
  mkfifo "/run/$name"
  serve "$name" > "/run/$name" &
  read -r _ < "/run/$name"
done
ask 6000
ask 6001
wait
nsctl apply "$1" --confirm 1h | tail -n 1
nsctl list | tail -n 1 | cut -d' ' -f1
nsctl destroy --yes | tail -n 1
`
const TOLD = `netns1
netns2
No changes. flask is up to date.
flask
flask is destroyed; nothing of it is left.
`

let directory: string
/** To compress the executable takes a minute of a processor. */
const PACKAGING = 600_000
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'nsctl-package-'))
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/package.ts', directory], {
    cwd: ROOT,
    stdio: 'pipe',
  })
  chmodSync(directory, 0o755)
  copyFileSync(join(ROOT, 'examples/flask.yaml'), join(directory, 'flask.yaml'))
}, PACKAGING)
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const made = (pattern: RegExp) =>
  join(directory, readdirSync(directory).find(name => pattern.test(name)) ?? '')

test('the version stands in one place, and the changelog begins with it', () => {
  const [, newest] = /^## \[([^\]]+)\]/m.exec(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')) ?? []
  expect(newest).toBe(version)
  const executable = spawnSync(made(/-linux-/), ['--version'], { encoding: 'utf8' })
  expect(executable.stdout).toBe(`${version}\n`)
  const field = spawnSync('dpkg-deb', ['--field', made(/\.deb$/), 'Version'], { encoding: 'utf8' })
  expect(field.stdout).toBe(`${version}\n`)
})

describe('the npm package', () => {
  /** npm may take it from its cache, though told to omit it. */
  const OPTIONAL = ['koffi', '@koromix']

  test('installs without any package that it needs, and runs without the repository', async () => {
    const prefix = join(directory, 'npm')
    const options = ['--global', '--prefix', prefix, '--offline', '--omit=optional', '--silent']
    execFileSync('npm', ['install', ...options, made(/\.tgz$/)], { cwd: directory, stdio: 'pipe' })
    const others = join(prefix, 'lib/node_modules/nsctl/node_modules')
    const brought = existsSync(others) ? readdirSync(others) : []
    expect(brought.filter(name => !OPTIONAL.includes(name))).toEqual([])
    await using host = await createHost()
    const example = join(prefix, 'lib/node_modules/nsctl/examples/flask.yaml')
    const { stdout, stderr } = await host.run('sh', ['-c', STORY, 'sh', example], {
      env: { PATH: `${join(prefix, 'bin')}:${process.env.PATH}` },
      cwd: '/',
    })
    expect({ stdout, stderr }).toEqual({ stdout: TOLD, stderr: expect.stringContaining('rehearsed') })
  })

  test('brings its manual pages', () => {
    const pages = readdirSync(join(directory, 'npm/share/man'), { recursive: true, encoding: 'utf8' })
    expect(pages).toEqual(expect.arrayContaining(['man1/nsctl.1', 'man5/nsctl-topology.5']))
  })
})

const AS_NOBODY = ['setpriv', ...NOBODY]
const isRoot = process.getuid?.() === 0

test.each([['its user', []], ...(isRoot ? [['an ordinary user', AS_NOBODY] as [string, string[]]] : [])])(
  'the executable runs without node, as %s, and starts itself again',
  (_, become) => {
    const command = [made(/-linux-/), 'sandbox', '--', 'sh', '-c', STORY, 'sh', join(directory, 'flask.yaml')]
    const [file = '', ...args] = [...become, ...command]
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
    const { status, stdout, stderr } = spawnSync(file, args, { cwd: '/', encoding: 'utf8', env })
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: TOLD,
      stderr: expect.stringContaining('rehearsed'),
    })
  },
)

describe('the Debian package', () => {
  /** The machine's own files with a layer above them, in which nothing is lost, and without node. */
  const SYSTEM = '/run/system'
  let host: Host
  const chroot = (...command: string[]) => host.run('chroot', [SYSTEM, ...command], { env: PLAIN, cwd: '/' })
  const PLAIN = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' }

  beforeAll(async () => {
    host = await createHost({ uplink: false })
    await host.run('sh', [
      '-ec',
      `mkdir -p ${SYSTEM} /run/layer && mount -t tmpfs tmpfs /run/layer && mkdir /run/layer/upper /run/layer/work
      mount -t overlay -o lowerdir=/,upperdir=/run/layer/upper,workdir=/run/layer/work overlay ${SYSTEM}
      mount --rbind /proc ${SYSTEM}/proc && mount --rbind /sys ${SYSTEM}/sys && mount --rbind /dev ${SYSTEM}/dev
      rm -f ${SYSTEM}/usr/bin/node ${SYSTEM}/usr/local/bin/node; mkdir -p ${SYSTEM}/tmp
      cp "$1" ${SYSTEM}/nsctl.deb`,
      'sh',
      made(/\.deb$/),
    ])
    await chroot('dpkg', '--install', '/nsctl.deb')
  })
  afterAll(() => host.dispose())

  test('does the job where there is no node', async () => {
    const story = ['nsctl', 'sandbox', '--', 'sh', '-c', STORY, 'sh']
    const { stdout } = await chroot(...story, '/usr/share/doc/nsctl/examples/flask.yaml')
    expect(stdout).toBe(TOLD)
    const { exitCode } = await host.run('chroot', [SYSTEM, 'node'], { env: PLAIN, reject: false })
    expect(exitCode).toBe(127)
  })

  test('brings manual pages and completions to where they are looked for', async () => {
    const { stdout } = await chroot('sh', '-c', 'dpkg --listfiles nsctl')
    for (const path of [
      '/usr/share/man/man1/nsctl.1.gz',
      '/usr/share/man/man5/nsctl-topology.5.gz',
      '/usr/share/bash-completion/completions/nsctl',
      '/usr/share/zsh/vendor-completions/_nsctl',
      '/usr/share/fish/vendor_completions.d/nsctl.fish',
      '/usr/share/doc/nsctl/copyright',
      '/usr/share/doc/nsctl/changelog.gz',
    ]) {
      expect(stdout).toContain(`${path}\n`)
    }
    await chroot('dpkg', '--verify', 'nsctl')
  })

  test('brings units that start the nsctl that it brings', async () => {
    const { stdout } = await chroot('sh', '-c', 'cat /usr/lib/systemd/system/nsctl*.service')
    const started = [...stdout.matchAll(/^Exec\w+=(\S+)/gm)].map(([, path]) => path)
    expect(started).toHaveLength(4)
    expect(new Set(started)).toEqual(new Set(['/usr/bin/nsctl']))
  })

  test('all in it is root’s, and nobody else can write to it', async () => {
    const { stdout } = await host.run('dpkg-deb', ['--contents', made(/\.deb$/)])
    const lines = stdout.trim().split('\n')
    expect(
      lines.filter(line => !/^(-rw[-x]r-[-x]r-[-x]|drwxr-xr-x|lrwxrwxrwx) root\/root /.test(line)),
    ).toEqual([])
  })

  test('leaves nothing when it is removed', async () => {
    await chroot('dpkg', '--purge', 'nsctl')
    const { stdout } = await chroot(
      'find',
      '/usr',
      '/etc',
      '/var/lib/dpkg/info',
      '-name',
      '*nsctl*',
      '-not',
      '-path',
      '/usr/src/*',
    )
    expect(stdout).toBe('')
  })
})
