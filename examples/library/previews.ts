// One namespace for each preview of an application, each behind a port of the host. A preview is only kept if it can
// reach what it needs; otherwise, and if this program is killed, the host goes back to what it was.
//
//   sudo node previews.js 198.51.100.7 main=6000 pull-17=6001
import { spawnSync } from 'node:child_process'
import { type ApplyOutcome, apply, confirm, loadTopology, type Plan, rollback } from 'nsctl'

const [needed = '', ...previews] = process.argv.slice(2)
const ports = Object.fromEntries(previews.map(preview => preview.split('='))) as Record<string, string>

// JSON is YAML.
const loaded = loadTopology(JSON.stringify(declaration()), { file: 'previews' })
if (loaded.kind === 'invalid') {
  for (const { summary, notes } of loaded.diagnostics) console.error(`${summary}: ${notes.join('; ')}`)
  process.exit(1)
}
const outcome = await apply(loaded.topology, {
  confirm: 60,
  approve: takesNothingAway,
  onProgress: event => {
    if (event.kind === 'step') console.log(`step ${event.done + 1} of ${event.total}: ${event.step.stage}`)
  },
})
if (outcome.kind === 'applied') await keepOrRollBack()
else finish(outcome.kind === 'unchanged', why(outcome))

function declaration(): object {
  const names = Object.keys(ports)
  return {
    name: 'previews',
    uplinks: ['default'],
    subnets: { previews: { cidr: '10.99.0.0/24', bridge: 'br-previews' } },
    namespaces: Object.fromEntries(names.map(name => [name, {}])),
    veths: names.map(name => ({ subnet: 'previews', ends: ['host', name] })),
    forwards: names.map(name => ({ listen: Number(ports[name]), to: `${name}:8080` })),
  }
}

function takesNothingAway({ changes }: Plan): boolean {
  return changes.every(({ action }) => action !== 'delete')
}

async function keepOrRollBack(): Promise<void> {
  const cutOff = Object.keys(ports).filter(name => !reaches(name))
  const { kind } = await (cutOff.length === 0 ? confirm('previews') : rollback('previews'))
  finish(
    kind === 'confirmed',
    cutOff.length === 0 ? kind : `${cutOff.join(', ')} cannot reach ${needed}: ${kind}`,
  )
}

function reaches(namespace: string): boolean {
  const ping = ['ping', '-c', '1', '-W', '1', needed]
  return spawnSync('ip', ['netns', 'exec', namespace, ...ping]).status === 0
}

/** The compiler knows what each kind of outcome brings along. */
function why(outcome: ApplyOutcome): string {
  switch (outcome.kind) {
    case 'conflict':
      return outcome.plan.findings.map(({ summary, subject }) => `${summary}: ${subject}`).join('\n')
    case 'declined':
      return 'refused: it would delete something'
    case 'locked':
      return `in use by ${outcome.holder}`
    case 'rolledBack':
    case 'incomplete':
    case 'partial':
      return `${outcome.kind}: ${outcome.failure.message}`
    default:
      return outcome.kind
  }
}

function finish(success: boolean, message: string): void {
  console.log(message)
  process.exitCode = success ? 0 : 1
}
