import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHost, type Host, NSCTL } from '../host/host.ts'
import { converged, startWatch } from './watching.ts'

const EXAMPLE = fileURLToPath(new URL('../../../examples/gitops/', import.meta.url))
const hosts = readdirSync(`${EXAMPLE}hosts`)

describe('the example of a config repository', () => {
  let host: Host
  const sh = (script: string) =>
    host.run('sh', ['-ec', script], { env: { PATH: `/run/bin:${process.env.PATH}` } })

  beforeAll(async () => {
    host = await createHost()
    await sh(`mkdir -p /run/bin; ln -s ${NSCTL} /run/bin/nsctl; cp -r ${EXAMPLE} /run/config; cd /run/config
      git init -q -b main; git add -A
      git -c user.name=op -c user.email=op@example.com commit -qm all; git clone -q --bare . /run/config.git`)
  })
  afterAll(() => host.dispose())

  test('is valid, as its workflow checks it', async () => {
    const { stdout } = await sh('cd /run/config; nsctl validate --format github hosts/*.yaml')
    expect(stdout).toBe('')
  })

  test('is planned against snapshots as its workflow does it', async () => {
    await sh('mkdir /run/config/snapshots; nsctl snapshot > /run/config/snapshots/web-1.json')
    const { stdout } = await sh('/run/config/plans.sh')
    expect(stdout).toMatch(/^## web-1\n[\s\S]*NSCTL-shop-DST[\s\S]*^## web-2\n\nNo snapshot of it here/m)
  })

  test.each(hosts)('%s is what a host that follows it becomes', async file => {
    const env = { STATE_DIRECTORY: '/run/state' }
    const watching = await startWatch(host, ['--git', '/run/config.git', `hosts/${file}`], env)
    await watching.line(converged)
    const status = JSON.parse((await sh('nsctl status shop --format json')).stdout)
    const head = (await sh('git -C /run/config.git rev-parse main')).stdout.trim()
    expect(status).toMatchObject({ sync: 'in-sync', watcher: { commit: head } })
    expect(await watching.end()).toMatchObject({ exitCode: 0 })
    await sh('nsctl destroy shop --yes')
  })
})
