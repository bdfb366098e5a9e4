import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHost, type Host, NSCTL } from '../host/host.ts'
import { isInstalled } from '../host/installed.ts'
import { FLASK } from '../host/topology.ts'
import { converged, startWatch } from './watching.ts'

const UNITS = fileURLToPath(new URL('../../../packaging/systemd/', import.meta.url))
const units = readdirSync(UNITS)
const settingOf = (unit: string, key: string) =>
  new RegExp(`^${key}=(.*)$`, 'm').exec(readFileSync(UNITS + unit, 'utf8'))?.[1] ?? ''

let host: Host

beforeAll(async () => {
  host = await createHost()
})
afterAll(() => host.dispose())

describe.skipIf(!isInstalled('systemd-analyze'))('the units', () => {
  test.each(units)('%s: systemd understands it', async unit => {
    // Where the units expect it to be installed.
    await host.run('sh', [
      '-ec',
      `mkdir -p /run/units; sed 's|/usr/local/bin/nsctl|${NSCTL}|' ${UNITS}${unit} > /run/units/${unit}`,
    ])
    const name = unit.replace('@', '@web')
    const result = await host.run('systemd-analyze', ['verify', '--man=no', `/run/units/${name}`], {
      reject: false,
    })
    expect(result).toMatchObject({ exitCode: 0, stderr: '' })
  })
})

/** What starts a program as a unit would. */
function confined(unit: string): string[] {
  const kept = settingOf(unit, 'CapabilityBoundingSet')
    .toLowerCase()
    .replaceAll('cap_', '+')
    .replaceAll(' ', ',')
  return ['setpriv', `--bounding-set=-all,${kept}`, '--no-new-privs', '--']
}

test.each(units)('%s: with the capabilities it leaves, nsctl works', async unit => {
  const [tool = '', ...through] = confined(unit)
  const nsctl = (...args: string[]) =>
    host.run(tool, [...through, process.execPath, NSCTL, ...args], { reject: false })
  expect(await nsctl('apply', FLASK, '--yes')).toMatchObject({ exitCode: 0, stderr: '' })
  expect(await nsctl('destroy', 'flask', '--yes')).toMatchObject({ exitCode: 0, stderr: '' })
})

test('with the capabilities that the unit leaves it, a watcher hears of what happens', async () => {
  const watching = await startWatch(host, [FLASK], {}, confined('nsctl-watch.service'))
  await watching.line(converged)
  await watching.after(() => host.run('ip', ['link', 'del', 'veth0']), converged)
  expect(watching.log().filter(({ why }) => why !== undefined)).toEqual([])
  expect(await watching.end()).toMatchObject({ exitCode: 0 })
  await host.nsctl(['destroy', 'flask', '--yes'])
})

describe.skipIf(!isInstalled('systemd-notify'))('the service manager', () => {
  test('is told when the watcher is ready, how it stands, that it lives, and that it stops', async () => {
    const socket = '/run/notify'
    const listener = await host.start(
      'perl',
      [
        '-MSocket',
        '-e',
        `$| = 1; socket($s, AF_UNIX, SOCK_DGRAM, 0); bind($s, sockaddr_un("${socket}")) or die; print "bound\\n";
         while (defined recv($s, $_, 65536, 0)) { print "$_\\n" }`,
      ],
      { ready: /bound/ },
    )
    const told = async (what: RegExp) => {
      while (!what.test(listener.stdout())) await new Promise(resolve => setTimeout(resolve, 20))
    }
    const watching = await startWatch(host, [FLASK], { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '400000' })
    await told(/^READY=1$/m)
    await told(/^STATUS=1 in sync: flask$/m)
    await told(/^WATCHDOG=1$/m)
    await watching.after(() => host.run('ip', ['link', 'del', 'veth0']), converged)
    expect(await watching.end()).toMatchObject({ exitCode: 0 })
    await told(/^STOPPING=1$/m)
    await listener.stop()
    await host.nsctl(['destroy', 'flask', '--yes'])
  })
})
