import type { ExpectationResult } from '../../model/plan/verification.ts'
import type { Topology } from '../../model/topology.ts'
import { completeAccess, type HostOptions } from '../host/access.ts'
import { readFor } from '../host/read-host.ts'
import { checkExpectations } from './expectations.ts'

/**
 * Checks what a topology's file expects, with real packets where they can be sent from here. One result for each
 * expectation, in the order of the file. Throws where the host cannot be read.
 */
export async function verify(topology: Topology, options: HostOptions = {}): Promise<ExpectationResult[]> {
  const access = completeAccess(options)
  const snapshot = await readFor({ name: topology.name, topologies: [topology], allRoutes: true }, access)
  return checkExpectations(topology, snapshot, access)
}
