import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createHost } from '../host/host.ts'
import { applyFile, destroy } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { picture } from '../oracle/oracle.ts'

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url))
const files = readdirSync(EXAMPLES).filter(name => name.endsWith('.yaml'))

describe('every example', () => {
  test.each(files)('%s is applied, in sync, and gone without trace', async file => {
    await using host = await createHost()
    const path = EXAMPLES + file
    const name = /^name: *(\S+)/m.exec(readFileSync(path, 'utf8'))?.[1] ?? ''
    const before = await picture(host)
    await applyFile(host, path)
    const listed = await host.nsctl(['list'])
    expect(listed.stdout).toMatch(new RegExp(`^${name}\\b.*\\bin-sync\\b`, 'm'))
    await destroy(host, [name])
    expect(difference(before, await picture(host))).toEqual([])
  })
})
