import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHost, type Host, NSCTL } from '../host/host.ts'
import { topologyFile } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'
import { foreignPart, type Own } from './foreign.ts'
import { installManagers } from './managers.ts'

const OWN: Own = {
  topology: 'steps',
  links: ['v1', 'v2', 'v3', 'br-steps', 'p1', 'p2'],
  namespaces: ['n1', 'n2', 'n3', 'n4'],
  uplinks: ['ens5'],
}

const FIRST = `
name: steps
uplinks: [ens5]
subnets:
  web: { cidr: [10.1.0.0/24, "fd00:1::/64"] }
  lan: { cidr: 10.1.2.0/24, bridge: br-steps }
namespaces:
  n1: { nameservers: [192.0.2.53], sysctls: { net.ipv4.ip_default_ttl: 99 } }
  n2: {}
  n3: {}
veths:
  - { subnet: web, ends: [host:v1, { namespace: n1, interface: eth0, rate: 100mbit }] }
  - { subnet: lan, ends: [host:p1, n2:eth0] }
  - { subnet: lan, ends: [host:p2, n3:eth0] }
forwards:
  - { listen: 6000, to: n1:8080 }
  - { listen: 6001, to: n2:80, protocol: [tcp, udp] }
`
const SECOND = FIRST.replace('n3: {}', 'n4: {}')
  .replace('[host:p2, n3:eth0]', '[host:p2, n4:eth0]')
  .replace('host:v1', 'host:v3')
  .replace('listen: 6001', 'listen: 6002')
  .replace(', rate: 100mbit', '')

const STAND_INS = '/run/stand-ins'
const TOOLS = ['ip', 'tc', 'sysctl', 'conntrack', 'iptables-nft-restore', 'ip6tables-nft-restore']
const LEGACY = ['iptables-legacy-restore', 'ip6tables-legacy-restore']

let host: Host
let before: Picture

/** Runs nsctl with tools that wait, once done, until a picture of the host is taken. Returns how many were. */
async function stepByStep(args: string[]): Promise<number> {
  const env = { PATH: `${STAND_INS}:${process.env.PATH}` }
  const started = await host.start(process.execPath, [NSCTL, ...args], { env })
  let running = true
  const ended = started.ended.finally(() => {
    running = false
  })
  let steps = 0
  while (running) {
    const waiting = (await host.run('ls', [`${STAND_INS}/waiting`])).stdout.split('\n').filter(name => name)
    if (waiting.length === 0) {
      await sleep(10)
      continue
    }
    const changed = difference(before, foreignPart(await picture(host), OWN))
    const commands = await host.run(
      'cat',
      waiting.map(name => `${STAND_INS}/waiting/${name}`),
    )
    steps += waiting.length
    await host.run(
      'rm',
      waiting.map(name => `${STAND_INS}/waiting/${name}`),
    )
    expect(changed, commands.stdout).toEqual([])
  }
  const { exitCode, stdout, stderr } = await ended
  expect(exitCode, stdout + stderr).toBe(0)
  return steps
}

beforeEach(async () => {
  host = await createHost()
  await host.run('mkdir', ['-m', '755', '-p', `${STAND_INS}/waiting`])
  for (const tool of [...TOOLS, ...LEGACY]) {
    await host.write(
      `${STAND_INS}/${tool}`,
      `#!/bin/sh
case " $* " in *" -j "*|*" -L "*) exec /usr/sbin/${tool} "$@";; esac
/usr/sbin/${tool} "$@"
code=$?
file=$(mktemp ${STAND_INS}/waiting/XXXXXX)
echo "${tool} $*" > "$file"
while [ -e "$file" ]; do sleep 0.01; done
exit $code
`,
    )
    await host.run('chmod', ['755', `${STAND_INS}/${tool}`])
  }
})
afterEach(() => host.dispose())

describe('Docker, swarm, libvirt, ufw, firewalld, kube-proxy, CNI and LXD', () => {
  test.each([
    ['nft', 'nft'],
    ['legacy', 'nft'],
    ['legacy', 'legacy'],
  ] as const)(
    'theirs in %s, ours in %s: nothing of theirs changes after any command of apply, edit and destroy',
    async (theirs, ours) => {
      await installManagers(host, theirs)
      const whole = await picture(host)
      before = foreignPart(whole, OWN)
      // What is compared is worth something: it holds all of them, and none of ours.
      const told = JSON.stringify(before)
      for (const name of [
        'DOCKER-INGRESS',
        'KUBE-SERVICES',
        'LIBVIRT_FWI',
        'ufw-before-forward',
        'lxdbr0',
        'FWDI_public',
        'CNI-DN',
      ])
        expect(told.includes(name), name).toBe(true)
      const options = ['--yes', '--iptables', ours]
      const applied = await stepByStep(['apply', await topologyFile(host, FIRST), ...options])
      const edited = await stepByStep(['apply', await topologyFile(host, SECOND), ...options])
      const destroyed = await stepByStep(['destroy', 'steps', ...options])
      expect(Math.min(applied, edited, destroyed)).toBeGreaterThan(5)
      expect(difference(whole, await picture(host))).toEqual([])
    },
  )
})
