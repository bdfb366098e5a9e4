import type { Result } from './holder.ts'
import { type Host, NSCTL } from './host.ts'

/** Options of setpriv that make a user who owns nothing and may do nothing. */
export const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups']

/** Node and nsctl may lie below root's home: they are mounted where anybody can read them. */
const SCRIPT = `
cd /run
[ -s anybody/node ] || { mkdir -p anybody/dist; touch anybody/node
  mount --bind "$1" anybody/node; mount --bind "$(dirname "$2")" anybody/dist; }
shift 2
exec setpriv ${NOBODY.join(' ')} /run/anybody/node /run/anybody/dist/nsctl.cjs "$@"`

/** Runs the built nsctl on a host as a user without any privileges. */
export function nsctlAsNobody(host: Pick<Host, 'run'>, args: string[]): Promise<Result> {
  return host.run('sh', ['-ec', SCRIPT, 'sh', process.execPath, NSCTL, ...args], { reject: false })
}
