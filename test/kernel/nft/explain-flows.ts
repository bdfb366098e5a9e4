import { completeAccess } from '../../../src/engine/host/access.ts'
import { readFor } from '../../../src/engine/host/read-host.ts'
import { judgeOnHost } from '../../../src/engine/packets/judge-on-host.ts'
import { flowsNamed, type NamedFlow } from '../../../src/explain/endpoints.ts'
import type { Judgement } from '../../../src/explain/judgement.ts'
import { remedyOf } from '../../../src/explain/remedy.ts'

/** What explain says of one flow; text where the flow means nothing on that host. */
export type Explained = { judgement: Judgement; remedy: string[] } | string

/** Explains many flows of the host it runs in, after one reading of it: JSON in, JSON out. */
async function explainAll(flows: NamedFlow[]): Promise<Explained[]> {
  const access = completeAccess({})
  const snapshot = await readFor({ name: null, topologies: [] }, access)
  const judge = await judgeOnHost(snapshot, access)
  const explained: Explained[] = []
  for (const named of flows) {
    const meant = flowsNamed(named, snapshot)
    const flow = typeof meant === 'string' ? undefined : meant[0]
    if (!flow) {
      explained.push(String(meant))
      continue
    }
    const judgement = await judge(flow)
    explained.push({ judgement, remedy: remedyOf(judgement) })
  }
  return explained
}

void explainAll(JSON.parse(process.argv[2] ?? '[]')).then(explained => console.log(JSON.stringify(explained)))
