import { expect, test } from 'vitest'
import { placeIn } from '../../../../src/engine/watch/source/repository-place.ts'

const place = (path: string, url = 'https://git.example/hosts.git', host = 'web-1') =>
  placeIn({ url, branch: 'main', path }, host)

test.each([
  ['hosts/{hostname}.yaml', 'hosts/web-1.yaml'],
  ['hosts/', 'hosts'],
  ['.', ''],
])('%s is %j', (path, own) => expect(place(path)).toMatchObject({ kind: 'repository', path: own }))

test.each(['/etc/passwd', '../other', 'a//b', 'a/./b', 'a/../../b', ''])('%j leads out of it', path =>
  expect(place(path)).toEqual({ kind: 'invalidPath' }),
)

test.each(['ext::sh -c id', '-oProxyCommand=id', 'http://git.example/a', 'ftp://x/y'])(
  '%s is no URL to fetch from',
  url => expect(place('.', url)).toEqual({ kind: 'invalidUrl' }),
)

test('a host whose name is no part of a path has no file of its own', () => {
  expect(place('hosts/{hostname}.yaml', undefined, '../up')).toEqual({
    ...{ kind: 'invalidHostname', hostname: '../up' },
  })
  expect(place('hosts', undefined, '../up')).toMatchObject({ kind: 'repository' })
})
