import { lookup } from '../text/lookup.ts'
import type { Subnet } from '../topology.ts'
import type { Link } from './snapshot.ts'

export const linkNamed = lookup<Link>(({ name }) => [name])
export const subnetNamed = lookup<Subnet>(({ name }) => [name])
