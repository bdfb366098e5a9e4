import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { applyText, destroy, lastingDifference, topologyFile } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

/**
 * Tests that each damage, a shell script by its name, is found by plan and mended by apply, and that destroy gives the
 * host back as it was. `planted`: lines that may differ all the same.
 */
export function describeDrift(
  name: string,
  topology: string,
  damages: [name: string, script: string][],
  planted: RegExp,
): void {
  describe(name, () => {
    let host: Host
    let before: Picture
    let applied: Picture

    beforeAll(async () => {
      host = await createHost()
      before = await picture(host)
      await applyText(host, topology)
      applied = await picture(host)
    })
    afterAll(() => host.dispose())

    test.each(damages)('%s: found by plan, mended by apply', async (_, damage) => {
      await host.run('sh', ['-ec', damage])
      const path = await topologyFile(host, topology)
      const found = await host.nsctl(['plan', path, '--detailed-exitcode'])
      expect(found, found.stdout + found.stderr).toMatchObject({ exitCode: 2, stderr: '' })
      const mended = await host.nsctl(['apply', path, '--yes'])
      expect(mended, found.stdout + mended.stdout + mended.stderr).toMatchObject({ exitCode: 0, stderr: '' })
      const left = lastingDifference(applied, await picture(host))
      expect(left.filter(line => !planted.test(line))).toEqual([])
    })

    test('destroy gives the host back as it was', async () => {
      await destroy(host)
      const left = difference(before, await picture(host))
      expect(left.filter(line => !planted.test(line))).toEqual([])
    })
  })
}
