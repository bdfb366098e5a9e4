import { existsSync, type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'

/** Directories whose entries are watched. */
export interface FileWatch {
  /** Watches these besides; those that do not exist yet are watched for by the directory above. */
  add(directories: readonly string[]): void
  stop(): void
}

/**
 * Tells of entries that come, go or change in directories. Directories, not files: an editor puts a new file in the place
 * of the old one, and a watch on that one would hear no more of it. `concerns` picks what is told.
 */
export function watchFiles(
  changed: () => void,
  concerns: (directory: string, name: string) => boolean,
): FileWatch {
  const watchers = new Map<string, FSWatcher>()
  const forget = (directory: string) => {
    watchers.get(directory)?.close()
    watchers.delete(directory)
  }
  const open = (directory: string) => {
    if (watchers.has(directory)) return
    try {
      const watcher = watch(directory, (event, name) => {
        // Itself moved or removed: what is there now, if anything, is watched from the next `add` on.
        if (event === 'rename' && !existsSync(directory)) forget(directory)
        if (name === null || concerns(directory, name)) changed()
      })
      watcher.on('error', () => forget(directory))
      watchers.set(directory, watcher)
    } catch {
      // Gone between the question and the answer, or no watches left: whatever is there is still looked at in turn.
    }
  }
  return {
    add: directories => {
      for (const directory of directories) {
        if (existsSync(directory)) open(directory)
        else if (existsSync(dirname(directory))) open(dirname(directory))
      }
    },
    stop: () => {
      for (const directory of [...watchers.keys()]) forget(directory)
    },
  }
}
