import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { findTool } from '../../../src/kernel/process/tools.ts'
import { renderDot } from '../../../src/render/graph/dot.ts'
import { HOSTILE, PICTURES } from '../../unit/graph/pictures.ts'

const DOT = findTool('dot')

test.skipIf(DOT === null)('Graphviz reads what is drawn for it, and each box and line is there', () => {
  for (const graph of [HOSTILE, ...PICTURES.map(([, one]) => one)]) {
    const { status, stdout, stderr } = spawnSync(DOT ?? '', ['-Tplain'], {
      input: renderDot(graph),
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout.match(/^node /gm) ?? []).toHaveLength(graph.nodes.length)
    expect(stdout.match(/^edge /gm) ?? []).toHaveLength(graph.edges.length)
  }
})
