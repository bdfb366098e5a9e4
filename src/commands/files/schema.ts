import topologySchema from '../../../schemas/topology.schema.json' with { type: 'json' }
import type { Context } from '../context.ts'

/** The file format as JSON Schema 2020-12. */
export async function schema(context: Context): Promise<number> {
  context.write(`${JSON.stringify(topologySchema, null, 2)}\n`)
  return 0
}
