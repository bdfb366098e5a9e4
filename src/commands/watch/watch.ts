import type { RepositoryChoice } from '../../engine/watch/source/repository-place.ts'
import { placeIn } from '../../engine/watch/source/repository-place.ts'
import { createWatcher, type WatcherSettings } from '../../engine/watch/watcher.ts'
import { type Context, type ReaderOptions, Refused } from '../context.ts'
import { USAGE } from '../exit-codes.ts'
import { hostFor } from '../host.ts'
import type { Address } from './address.ts'
import { describeFailure } from './failure.ts'
import { logTo } from './log.ts'

export interface WatchOptions extends ReaderOptions {
  /** Seconds between two observations without a trigger, and between two fetches. */
  interval: number
  /** Destroy what is taken out of the source. */
  prune: boolean
  /** Findings that are known and wanted, as `code:subject`. */
  accept: string[]
  git?: string
  /** Of `git`; absent: the one that its HEAD names. */
  branch?: string
  metrics?: Address
}

/** Keeps the host as a file, a directory or a repository declares, until it is told to stop. */
export async function watch(
  target: string | undefined,
  options: WatchOptions,
  context: Context,
): Promise<number> {
  const source = sourceOf(target, options)
  const { logger, follow } = context
  const log = logTo(logger)
  const metrics = options.metrics ? (await import('./metrics.ts')).createMetrics() : null
  const { interval, prune, accept } = options
  const watcher = createWatcher(
    {
      ...{ source, interval, prune, accept },
      onEvent: event => {
        log(event)
        metrics?.record(event)
      },
      describeFailure: failure => describeFailure(failure, context.errorColors),
    },
    { ...hostFor(context, options), follow, onProgress: () => {} },
  )
  const { signal, stop } = context.catchSignals(name => logger.info({ signal: name }, 'stopping'))
  try {
    const server = options.metrics ? await metrics?.serve(options.metrics, watcher.health) : null
    if (server) logger.info({ port: server.port }, 'serving metrics')
    try {
      const outcome = await watcher.run(signal)
      if (outcome.kind === 'stopped') return 0
      const { topology, pid, source: its } = outcome
      throw new Refused(`${topology} is watched already: by pid ${pid}, from ${its}`)
    } finally {
      server?.close()
    }
  } finally {
    stop()
  }
}

/** In a repository, where the command line does not say. */
const PLACE = 'hosts/{hostname}.yaml'

function sourceOf(
  target: string | undefined,
  { git, branch }: Pick<WatchOptions, 'git' | 'branch'>,
): WatcherSettings['source'] {
  if (git === undefined) {
    if (branch !== undefined) throw new Refused('--branch is of a repository: it goes with --git URL', USAGE)
    if (target === undefined) throw new Refused('watch what? a file, a directory, or --git URL', USAGE)
    return { kind: 'files', path: target }
  }
  const path = target ?? PLACE
  const choice = placeIn({ url: git, branch: branch ?? null, path })
  if (choice.kind === 'repository') return choice
  throw refusal(choice, git, path)
}

function refusal(
  choice: Exclude<RepositoryChoice, { kind: 'repository' }>,
  url: string,
  path: string,
): Refused {
  switch (choice.kind) {
    case 'invalidUrl':
      return new Refused(`--git ${url}: expected https://…, ssh://…, user@host:path, file:///… or /…`, USAGE)
    case 'invalidPath':
      return new Refused(
        `${path}: not a path in a repository: expected one like hosts/{hostname}.yaml`,
        USAGE,
      )
    case 'invalidHostname':
      return new Refused(
        `{hostname}: this host's name cannot be a part of a path: ${JSON.stringify(choice.hostname)}`,
      )
  }
}
