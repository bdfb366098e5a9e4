import { type Check, note, problem } from './finding.ts'

/** Features that only some files ask for. */
const RARELY: Record<string, string> = {
  bridge: 'subnets with bridge',
  tbf: 'rates',
}

export const kernel: Check = {
  name: 'kernel',
  state: ({ features, snapshot }) =>
    features === null || features.namespace !== null
      ? null
      : [snapshot === null ? [] : [snapshot.host.kernel], features.present].flat().join(', '),
  findings: ({ features, snapshot }) => [
    ...(features?.missing ?? []).map(({ name, why }) => {
      const rarely = RARELY[name]
      return (rarely === undefined ? problem : note)(
        'kernel-feature',
        name,
        `the kernel has no ${name}: ${why}`,
        rarely === undefined ? 'an apply would fail, and be rolled back' : `needed for ${rarely} only`,
        'install the modules of this kernel (on Debian: linux-modules or the full kernel package), or another kernel',
      )
    }),
    ...(snapshot === null || snapshot.host.ipv6
      ? []
      : [
          note(
            'no-ipv6',
            'ipv6',
            'the kernel has no IPv6',
            'subnets with IPv6 cannot be applied',
            'boot without ipv6.disable=1, if you need it',
          ),
        ]),
    ...(snapshot === null ||
    !snapshot.host.ipv6 ||
    'net/ipv6/conf/default/force_forwarding' in snapshot.host.sysctls
      ? []
      : [
          note(
            'ipv6-forwards-whole',
            'ipv6',
            'this kernel forwards IPv6 for the whole host or not at all (before Linux 6.17)',
            'a topology with IPv6 sets conf/all/forwarding, and keeps others apart by its fence alone',
            'nothing needs to be done; a kernel from 6.17 forwards by interface',
          ),
        ]),
  ],
}
