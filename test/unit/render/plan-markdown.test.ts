import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Plan } from '../../../src/model/plan/plan.ts'
import { planDestroy, planTopology } from '../../../src/planner/plan.ts'
import { renderPlanMarkdown } from '../../../src/render/plan/markdown.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

function planOf(name: string): Plan {
  const text = readFileSync(new URL(`../../cases/${name}/topology.yaml`, import.meta.url), 'utf8')
  return planTopology(loadTopology(text, 'topology.yaml', {}).topology, snapshotOf(name))
}

test('one line that counts, and the plan to unfold, coloured as a diff', () => {
  expect(renderPlanMarkdown(planOf('edit-add-forward'), false)).toMatchInlineSnapshot(`
    "### nsctl: flask

    **Plan: 0 to create, 1 to update, 0 to replace, 0 to delete.**

    <details><summary>Show the plan</summary>

    \`\`\`diff
     flask  2 namespaces, 2 veth pairs, 3 forwards, uplink ens5

       host
    !    ~ chain NSCTL-flask-DST      6000 -> netns1:8080, 6001 -> netns2:8080, 6443 -> netns2:443   topology.yaml:1
    +           -d 127.0.0.1/32 -p tcp -m tcp --dport 6443 -j DNAT --to-destination 192.168.1.2:443

     Plan: 0 to create, 1 to update, 0 to replace, 0 to delete.
    \`\`\`

    </details>
    "
  `)
})

test('every change of a plan is a line of the diff with its sign in front', () => {
  const plan = planDestroy('flask', snapshotOf('up-to-date'))
  const lines = renderPlanMarkdown(plan, false).split('\n')
  const { delete: gone, update } = plan.summary
  expect(lines.filter(line => line.startsWith('- '))).toHaveLength(gone)
  expect(lines.filter(line => line.startsWith('!'))).toHaveLength(update)
})

test('nothing to do', () => {
  expect(renderPlanMarkdown(planOf('up-to-date'), false)).toBe(
    '### nsctl: flask\n\n**No changes. flask is up to date.**\n',
  )
})

test('what stands in the way is told, and no plan that will not be', () => {
  expect(renderPlanMarkdown(planOf('port-held-by-listener'), true)).toMatchInlineSnapshot(`
    "### nsctl: flask

    **Refused: the host stands in the way.**

    \`\`\`text
    topology.yaml:17:5: error[port-held]: tcp port 6000 is held by python3 (pid 101)
          = it listens on 0.0.0.0:6000
          = publish another port here, or stop the other
          = if it is known and wanted: --accept port-held:tcp/6000, or the same under accept: in the file
    \`\`\`
    "
  `)
})

test('nothing foreign ends its block, calls anybody, or is read as markup', () => {
  const plan = planOf('edit-add-forward')
  const evil = '```\n</details> @everyone <img src=x> ````` \u001b[31m'
  const changes = plan.changes.map(change => ({ ...change, reason: evil }))
  const markdown = renderPlanMarkdown({ ...plan, changes }, false)
  const fence = '`'.repeat(6)
  const [before, inside, after] = markdown.split(fence)
  expect(inside).toContain('@everyone')
  expect(`${before}${after}`).not.toContain('@everyone')
  expect(markdown.match(/^`+$/gm)).toEqual([fence])
  expect(markdown).not.toContain('\u001b')
})

test('a comment stays within what a comment can hold', () => {
  const plan = planOf('fresh-host')
  const changes = Array.from({ length: 200 }, () => plan.changes).flat()
  const markdown = renderPlanMarkdown({ ...plan, changes }, false)
  expect(markdown.length).toBeLessThan(65_536)
  expect(markdown).toMatch(/… \d+ more lines\n```\n\n<\/details>\n$/)
})
