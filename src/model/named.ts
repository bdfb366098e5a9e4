import { lookup } from './lookup.ts'
import type { Link } from './snapshot.ts'
import type { Subnet } from './topology.ts'

export const linkNamed = lookup<Link>(({ name }) => [name])
export const subnetNamed = lookup<Subnet>(({ name }) => [name])
