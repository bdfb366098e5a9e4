import { expect, test } from 'vitest'
import { isRemoteUrl, reasonOf } from '../../../src/kernel/git.ts'
import { withoutSecrets } from '../../../src/model/text/secrets.ts'

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
  expect(withoutSecrets('https://op:token@git.example/x.git')).toBe('https://git.example/x.git')
  expect(withoutSecrets('git@git.example:x.git')).toBe('git@git.example:x.git')
})

test('a failed fetch shows all that git said, its last line too, and no password', () => {
  const stderr = `git@git.example: Permission denied (publickey).
fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.
`
  expect(reasonOf({ stderr, why: 'exit code 128' })).toBe(
    'git@git.example: Permission denied (publickey).; fatal: Could not read from remote repository.; Please make sure you have the correct access rights; and the repository exists.',
  )
  const refused =
    "fatal: unable to access 'https://op:p@ss@git.example/x.git/': The requested URL returned error: 403"
  expect(reasonOf({ stderr: refused, why: 'exit code 128' })).toBe(
    "fatal: unable to access 'https://git.example/x.git/': The requested URL returned error: 403",
  )
  expect(reasonOf({ stderr: '', why: 'did not end in time and was stopped' })).toMatch(/in time/)
})

test('a repository whose HEAD names no branch says that a branch can be named', () => {
  const stderr = "fatal: couldn't find remote ref HEAD\n"
  expect(reasonOf({ stderr, why: 'exit code 128' })).toMatch(/ref HEAD; name a branch: --branch NAME$/)
})
