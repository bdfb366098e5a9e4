import type { Picture } from '../oracle/oracle.ts'

/** What a topology brings with it, by name. */
export interface Own {
  topology: string
  /** Its interfaces on the host. */
  links: string[]
  namespaces: string[]
  uplinks: string[]
}

/** A picture without what is the topology's own: of the rest nothing may ever change, at no moment. */
export function foreignPart(whole: Picture, own: Own): Picture {
  const picture = structuredClone(whole)
  const { host } = picture.namespaces
  if (!host) throw new Error('a picture without the host')
  for (const name of own.namespaces) delete picture.namespaces[name]
  for (const name of Object.keys(host.links)) if (isOwnLink(own, name)) delete host.links[name]
  host.routes = host.routes.filter(route => {
    const { dev = '', protocol } = JSON.parse(route)
    return protocol !== '110' && !isOwnLink(own, dev)
  })
  for (const directory of Object.keys(host.sysctls)) {
    const name = /^net\/ipv[46]\/(?:conf|neigh)\/(.+)$/.exec(directory)?.[1] ?? ''
    if (isOwnLink(own, name)) delete host.sysctls[directory]
    if (!own.uplinks.includes(name)) continue
    delete host.sysctls[directory]?.forwarding
    delete host.sysctls[directory]?.force_forwarding
    // Switched off by the kernel on interfaces that forward.
    delete host.sysctls[directory]?.accept_redirects
  }
  for (const ruleset of Object.values(host.firewall)) {
    for (const [table, chains] of Object.entries(ruleset)) {
      for (const [name, chain] of Object.entries(chains)) {
        chain.rules = chain.rules.filter(rule => !rule.includes(`--comment "nsctl:${own.topology}"`))
        const idle = chain.policy === 'ACCEPT' && chain.rules.length === 0
        if (idle || name.startsWith(`NSCTL-${own.topology}-`)) delete chains[name]
      }
      if (Object.keys(chains).length === 0) delete ruleset[table]
    }
  }
  host.nft = host.nft.filter(line => !/NSCTL-|nsctl:/.test(line))
  picture.brokenNamespaces = picture.brokenNamespaces.filter(name => !own.namespaces.includes(name))
  picture.mounts = picture.mounts.filter(
    mount => !own.namespaces.some(name => mount.startsWith(`/run/netns/${name} `)),
  )
  for (const path of Object.keys(picture.files)) {
    const mine = own.namespaces.some(name => path.startsWith(`/etc/netns/${name}`))
    if (path.startsWith('/run/nsctl') || mine || path === '/etc/netns') delete picture.files[path]
  }
  return picture
}

/** On its way to another name, or to its end, it has a name or a group of its own for a moment. */
function isOwnLink({ links }: Own, name: string): boolean {
  return links.includes(name) || /^nsctl[0-9a-f]{10}$/.test(name)
}
