import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { converged, inState, startWatch, type Watching } from './watching.ts'

const REPO = '/run/config.git'
const CLONE = '/run/work'
const STATE = { STATE_DIRECTORY: '/run/state' }
const web = (port: number) => `name: web
subnets: { front: 10.1.0.0/24 }
namespaces: { n1: {} }
veths: [{ subnet: front, ends: [host:v1, n1:eth0] }]
forwards: [{ listen: ${port}, to: n1:8080 }]
`

let host: Host
let watching: Watching
const sh = (script: string) => host.run('sh', ['-ec', script], { env: IDENTITY })
const IDENTITY = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  ...Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap(who => [
      [`GIT_${who}_NAME`, 'op'],
      [`GIT_${who}_EMAIL`, 'op@example.com'],
    ]),
  ),
}
/** Commits what the script leaves in the working copy, and pushes it; returns the commit. */
const push = async (script: string, ...options: string[]): Promise<string> => {
  await sh(
    `cd ${CLONE}; ${script}; git add -A; git commit -qm change; git push -q ${options.join(' ')} origin main`,
  )
  return (await sh(`git -C ${CLONE} rev-parse HEAD`)).stdout.trim()
}
const file = (port: number) => `mkdir -p hosts; printf '%s' '${web(port)}' > hosts/$(hostname).yaml`
const published = async () =>
  [...(await sh('iptables -t nat -S')).stdout.matchAll(/--dport (\d+) -j DNAT/g)].map(([, port]) => port)
const watcherOf = async () =>
  JSON.parse((await host.nsctl(['status', 'web', '--format', 'json'])).stdout).watcher

const follow = (...args: string[]) =>
  startWatch(host, ['--git', `file://${REPO}`, '--interval', '1s', ...args], STATE)

beforeAll(async () => {
  host = await createHost()
})
afterAll(() => host.dispose())
beforeEach(async () => {
  await sh(
    `rm -rf ${REPO} ${CLONE} /run/state; git init -q --bare -b main ${REPO}; git clone -q ${REPO} ${CLONE} 2>/dev/null; cd ${CLONE}; git checkout -q -b main`,
  )
})

describe('a watcher of a repository', () => {
  test('follows its branch, back as well; keeps the last good commit; and goes on when the repository is away', async () => {
    const first = await push(file(6000))
    watching = await follow()
    await watching.line(converged)
    expect(await published()).toEqual(['6000'])
    expect(await watcherOf()).toMatchObject({
      commit: first,
      source: expect.stringMatching(/^git\+file:.*#HEAD:hosts\//),
    })

    const second = await watching.after(() => push(file(6001)), converged)
    expect(second).toMatchObject({ topology: 'web' })
    expect(await published()).toEqual(['6001'])

    // A broken commit: the one before stays in force, and is mended.
    const told = await watching.after(
      () => push('echo "nonsense: 1" >> hosts/$(hostname).yaml'),
      inState('stale'),
    )
    expect(told.problems?.join()).toMatch(/unknown key/)
    await watching.after(() => sh('ip link del v1'), converged)
    expect(await published()).toEqual(['6001'])

    // History is rewritten: what was first is the newest now.
    await watching.after(
      () => sh(`cd ${CLONE}; git reset -q --hard ${first}; git push -qf origin main`),
      converged,
    )
    expect(await published()).toEqual(['6000'])
    expect(await watcherOf()).toMatchObject({ commit: first, state: 'converged' })
    const status = JSON.parse((await host.nsctl(['status', '--format', 'json'])).stdout)
    expect(status.history[0]).toMatchObject({ by: 'watch', commit: first })

    const away = await watching.after(() => sh(`mv ${REPO} ${REPO}.away`), inState('stale'))
    expect(away.problems?.join()).toMatch(
      /cannot be fetched: fatal: .*; and the repository exists\.; commit [0-9a-f]{12} stays/,
    )
    await watching.after(() => sh('ip link del v1'), converged)
    await watching.after(() => sh(`mv ${REPO}.away ${REPO}`), inState('converged'))

    // A restart without the repository goes by what was fetched before.
    await watching.end()
    await sh(`mv ${REPO} ${REPO}.away; ip link del v1`)
    watching = await follow()
    await watching.line(converged)
    expect(await published()).toEqual(['6000'])
    expect(await watching.end()).toMatchObject({ exitCode: 0 })
    await host.nsctl(['destroy', 'web', '--yes'])
  })

  test('follows the HEAD of its repository, also when that comes to name another branch', async () => {
    await push(file(6000))
    await sh(`git -C ${REPO} branch trunk main; git -C ${REPO} symbolic-ref HEAD refs/heads/trunk`)
    watching = await follow()
    await watching.line(converged)
    await push(file(6001))
    await watching.after(() => sh(`git -C ${REPO} symbolic-ref HEAD refs/heads/main`), converged)
    expect(await published()).toEqual(['6001'])
    await watching.end()
    await host.nsctl(['destroy', 'web', '--yes'])
  })

  test.each([
    ['a link out of it', 'mkdir hosts; ln -s /run/secret.yaml hosts/$(hostname).yaml', /is a symbolic link/],
    ['a directory that is a link', 'ln -s /run/elsewhere hosts', /not in commit/],
    [
      'a huge file',
      'mkdir hosts; head -c 9000000 /dev/zero | tr "\\\\0" "#" > hosts/$(hostname).yaml',
      /is larger than 8388608 bytes/,
    ],
    ['no file for this host', 'mkdir hosts; echo "name: other" > hosts/other.yaml', /not in commit/],
  ])('takes nothing from %s', async (_, script, why) => {
    await host.write('/run/secret.yaml', web(6666))
    await sh('mkdir -p /run/elsewhere; cp /run/secret.yaml /run/elsewhere/$(hostname).yaml')
    await push(script)
    watching = await follow()
    const { why: told } = await watching.line(({ msg }) => msg === 'the source cannot be used')
    expect(told).toMatch(why)
    await watching.after(() => push(`rm -rf hosts; ${file(6000)}`), converged)
    expect(await published()).toEqual(['6000'])
    await watching.end()
    await host.nsctl(['destroy', 'web', '--yes'])
  })

  test('runs nothing that is in it, whatever its attributes ask for', async () => {
    await push(
      `${file(6000)}; echo '*.yaml filter=evil' > .gitattributes; git config filter.evil.smudge 'touch /run/evil'`,
    )
    await sh(
      `printf '#!/bin/sh\\ntouch /run/evil\\n' > ${REPO}/hooks/post-checkout; chmod +x ${REPO}/hooks/*`,
    )
    watching = await follow()
    await watching.line(converged)
    await watching.end()
    expect((await host.run('ls', ['/run/evil'], { reject: false })).exitCode).toBe(2)
    await host.nsctl(['destroy', 'web', '--yes'])
  })

  test.each([
    ['ext::sh -c touch% /run/evil', 64],
    ['http://example.com/x.git', 64],
    ['--upload-pack=touch /run/evil', 64],
    ['../relative', 64],
  ])('refuses %s as a repository', async (url, exitCode) => {
    const refused = await host.nsctl(['watch', `--git=${url}`], { env: STATE })
    expect(refused).toMatchObject({ exitCode, stderr: expect.stringMatching(/expected https:/) })
  })

  test.each(['../x.yaml', '/etc/x.yaml', 'hosts/./x.yaml'])('refuses %s as a path in it', async path => {
    const refused = await host.nsctl(['watch', '--git', REPO, path], { env: STATE })
    expect(refused).toMatchObject({
      exitCode: 64,
      stderr: expect.stringMatching(/not a path in a repository/),
    })
  })
})
