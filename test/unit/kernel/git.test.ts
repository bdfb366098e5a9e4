import { expect, test } from 'vitest'
import { isRemoteUrl, withoutSecret } from '../../../src/kernel/git.ts'

test.each([
  ['https://git.example/hosts.git', true],
  ['ssh://git@git.example:2222/hosts.git', true],
  ['git@git.example:ops/hosts.git', true],
  ['file:///srv/hosts.git', true],
  ['/srv/hosts.git', true],
  ['http://git.example/hosts.git', false],
  ['git://git.example/hosts.git', false],
  ['ext::sh -c id', false],
  ['ssh://-oProxyCommand=id/x', false],
  ['-oProxyCommand=id@git.example:x', false],
  ['git@-oProxyCommand=id:x', false],
  ['hosts.git', false],
])('%s may be followed: %s', (url, may) => {
  expect(isRemoteUrl(url)).toBe(may)
})

test('a token in a URL is told to nobody', () => {
  expect(withoutSecret('https://op:token@git.example/x.git')).toBe('https://git.example/x.git')
  expect(withoutSecret('git@git.example:x.git')).toBe('git@git.example:x.git')
})
