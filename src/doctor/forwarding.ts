import { listOf } from '../model/text/phrases.ts'
import { type Check, type CheckFinding, note, problem } from './finding.ts'

const WHOLE = [
  ['net/ipv4/ip_forward', 'IPv4'],
  ['net/ipv6/conf/all/forwarding', 'IPv6'],
] as const

export const forwarding: Check = {
  name: 'forwarding',
  state: ({ snapshot }) => {
    if (snapshot === null) return null
    const { sysctls, links } = snapshot.host
    const on = links.filter(({ name }) => sysctls[`net/ipv4/conf/${name}/forwarding`] === '1')
    const whole = WHOLE.map(([key, family]) => `${family} ${sysctls[key] === '1' ? 'on' : 'off'}`)
    const some =
      on.length === 0
        ? 'no interface'
        : listOf(
            on.map(({ name }) => name),
            6,
          )
    return `host as a whole: ${whole.join(', ')}; IPv4 on ${some}`
  },
  findings: ({ snapshot, evidence, topologies }) => [
    ...WHOLE.flatMap(([key, family]): CheckFinding[] => {
      const declared =
        evidence.settings[key] ?? evidence.settings[key.replace('ip_forward', 'conf/all/forwarding')]
      // Written as it is already, the kernel changes nothing.
      if (declared?.value !== '0' || snapshot?.host.sysctls[key] !== '1') return []
      return [
        problem(
          'forwarding-taken-away',
          key,
          `${declared.file} switches ${family} forwarding off, and it is on now`,
          'whenever the settings are read anew (sysctl --system, a package update), every namespace loses its way out',
          `take the line out of ${declared.file}`,
        ),
      ]
    }),
    ...WHOLE.flatMap(([key, family]): CheckFinding[] => {
      if (snapshot?.host.sysctls[key] !== '1' || evidence.settings[key] !== undefined) return []
      if (claimed(key, snapshot.claims)) return []
      return [
        note(
          'forwarding-not-kept',
          key,
          `${family} forwarding is on for the whole host, and no file in /etc/sysctl.d says so`,
          `it ends with a reboot${topologies.length > 0 ? '; topologies switch on what they need by interface, and are not concerned' : ''}`,
          `if somebody relies on it: echo '${key.replaceAll('/', '.')}=1' > /etc/sysctl.d/99-forward.conf`,
        ),
      ]
    }),
  ],
}

function claimed(key: string, claims: { key: string }[]): boolean {
  return claims.some(claim => claim.key === key)
}
