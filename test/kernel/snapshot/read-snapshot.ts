import pino from 'pino'
import { createRunner } from '../../../src/kernel/process/run.ts'
import { readSnapshot, type Wanted } from '../../../src/kernel/read/snapshot.ts'

/** Prints the Snapshot of the host it runs in, and on standard error the commands it took, one JSON line each. */
const wanted = JSON.parse(process.argv[2] ?? 'null') as Wanted
const run = createRunner(pino({ level: 'trace' }, pino.destination(2)))
console.log(JSON.stringify(await readSnapshot(run, wanted, { claims: [], journal: null })))
