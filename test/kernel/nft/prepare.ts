import type { Host } from '../host/host.ts'
import { script, serveIn } from '../host/paths.ts'
import { topologyFile } from '../host/topology.ts'
import { SERVERS, TOPOLOGY } from './flow.ts'
import type { RulesetCase } from './ruleset.ts'

/** Makes a host one with the rules, the topology, and servers everywhere. */
export async function prepare(
  host: Host,
  { name, text, setup, afterwards, later }: RulesetCase,
): Promise<void> {
  if (setup !== '') await script(host, `${BRIDGED}\n${setup}`)
  const load = () => host.run('nft', ['-f', '-'], { input: text })
  if (!later) await load()
  const { exitCode, stdout, stderr } = await host.nsctl([
    'apply',
    await topologyFile(host, TOPOLOGY),
    '--yes',
  ])
  if (exitCode !== 0) throw new Error(`${name}: apply: ${stdout}${stderr}`)
  if (later) await load()
  if (afterwards !== '') await script(host, afterwards)
  const places = Object.entries(SERVERS).filter(([place]) => place !== 'guest' || setup.includes('bridged'))
  await Promise.all(places.map(([place, { tcp, udp }]) => serveIn(host, { [place]: tcp }, udp)))
}

/** `bridged BRIDGE 10.0.0 [fd00:10::]`: a namespace `guest` behind a bridge, as container and machine managers have it. */
const BRIDGED = `
bridged() {
  ip link add "$1" type bridge; ip address add "$2.1/24" dev "$1"; ip link set "$1" up
  ip netns add guest; ip link add g0 type veth peer name eth0 netns guest
  ip link set g0 master "$1" up; ip link set g0 type bridge_slave hairpin on
  ip -n guest address add "$2.2/24" dev eth0; ip -n guest link set eth0 up; ip -n guest link set lo up
  ip -n guest route add default via "$2.1"
  sysctl -qw net.ipv4.ip_forward=1
  if [ -n "$3" ]; then
    ip address add "$3"1/64 dev "$1" nodad; ip -n guest address add "$3"2/64 dev eth0 nodad
    ip -n guest route add default via "$3"1; sysctl -qw net.ipv6.conf.all.forwarding=1
  fi
}`
