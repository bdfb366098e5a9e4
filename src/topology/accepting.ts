import type { Topology } from '../model/topology.ts'

/** A topology with the findings that whoever started nsctl accepts, besides those that its file does. */
export function accepting(accept: string[], topology: Topology): Topology {
  return { ...topology, accept: [...topology.accept, ...accept] }
}
