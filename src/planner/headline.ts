import { counted } from '../model/text/phrases.ts'
import type { Topology } from '../model/topology.ts'

/** `flask  2 namespaces, 2 veth pairs, 2 forwards, uplink ens5`. */
export function headlineOf({ name, namespaces, veths, forwards, uplinks }: Topology): string {
  const parts = [
    counted(namespaces.length, 'namespace'),
    counted(veths.length, 'veth pair'),
    ...(forwards.length > 0 ? [counted(forwards.length, 'forward')] : []),
    ...(uplinks.length > 0
      ? [`uplink${uplinks.length > 1 ? 's' : ''} ${uplinks.join(', ')}`]
      : ['no uplink']),
  ]
  return `${name}  ${parts.join(', ')}`
}
