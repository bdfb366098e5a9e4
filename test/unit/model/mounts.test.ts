import { expect, test } from 'vitest'
import { isSeenBy } from '../../../src/model/host/mounts.ts'

const mounts = (...lines: string[]) =>
  lines.map((line, i) => `${30 + i} 1 0:26 / ${line} - tmpfs tmpfs rw\n`).join('')

const HOST = mounts('/ rw shared:1', '/run rw shared:5', '/run/user rw shared:9')
const NETNS = `${HOST}${mounts('/run/netns rw shared:5')}`

test.each([
  ['the same groups', HOST, HOST, true],
  ['a mount of its own on the directory, in a group with that of the other', NETNS, NETNS, true],
  ['private', mounts('/ rw', '/run rw', '/run/user rw'), HOST, false],
  ['slave: only what the host mounts comes along', mounts('/ rw master:1', '/run rw master:5'), HOST, false],
  [
    'slave, and shared anew by `ip netns add`',
    mounts('/run rw master:5', '/run/netns rw shared:77 master:5'),
    HOST,
    false,
  ],
  ['the other only receives', HOST, mounts('/ rw', '/run rw master:5'), true],
  ['another file system in the same place', `${HOST}${mounts('/run rw shared:80')}`, HOST, false],
  [
    'a directory that only begins alike',
    mounts('/ rw shared:1', '/run/net rw'),
    mounts('/ rw shared:1'),
    true,
  ],
  ['nothing readable', '', '', false],
])('%s', (_, own, theirs, seen) => expect(isSeenBy(own, theirs, '/run/netns')).toBe(seen))
