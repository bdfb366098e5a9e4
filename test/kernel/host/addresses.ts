import { OUTSIDE } from '../../../src/kernel/sandbox.ts'

/** Of a private host's uplink, of the router beyond it, and of the client there, by family. */
export const [HOST4, HOST6] = OUTSIDE.host
export const [ROUTER4, ROUTER6] = OUTSIDE.router
export const [CLIENT4, CLIENT6] = OUTSIDE.client
