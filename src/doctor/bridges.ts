import { type Check, note } from './finding.ts'

const KEY = 'net/bridge/bridge-nf-call-iptables'

export const bridges: Check = {
  name: 'br_netfilter',
  state: ({ snapshot }) =>
    snapshot === null
      ? null
      : snapshot.host.sysctls[KEY] === undefined
        ? 'not loaded'
        : snapshot.host.sysctls[KEY] === '1'
          ? 'on'
          : 'loaded, off for IPv4',
  findings: ({ snapshot }) =>
    snapshot?.host.sysctls[KEY] === '1'
      ? [
          note(
            'bridged-filtered',
            'br_netfilter',
            'packets between the ports of a bridge pass iptables too',
            'nsctl lets those of its own segments through; rules of others may still drop them',
            'if nobody needs it (Docker and Kubernetes do): sysctl net.bridge.bridge-nf-call-iptables=0',
          ),
        ]
      : [],
}
