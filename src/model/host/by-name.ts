import { lookup } from '../text/lookup.ts'
import type { Subnet } from '../topology.ts'
import type { Link } from './snapshot.ts'

export const linkNamed = lookup<Link>(({ name }) => [name])
/** By any of its names, as every tool of iproute2 takes them; no two links share one. Rules know the first name only. */
export const linkCalled = lookup<Link>(({ name, altnames = [] }) => [name, ...altnames])
export const subnetNamed = lookup<Subnet>(({ name }) => [name])
