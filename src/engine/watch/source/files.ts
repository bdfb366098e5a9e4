import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { messageOf } from '../../../model/text/escape.ts'
import { loadTogether, type TopologyText } from '../../../topology/together.ts'
import type { Reading } from '../../../watch/tracked.ts'
import type { HostAccess } from '../../host/access.ts'
import { isTopologyFile } from '../../host/directory.ts'
import { readText } from '../../host/files.ts'
import { readingOf, type TopologySource } from './source.ts'

/** A file, or all topology files of a directory: whichever is at the path at the moment. */
export function openFiles(
  path: string,
  accept: string[],
  { environment }: Pick<HostAccess, 'environment'>,
): TopologySource {
  const absolute = resolve(path)
  return {
    name: absolute,
    isWhole: false,
    directories: () => [
      ...new Set([isDirectory(absolute) ? absolute : dirname(absolute), dirname(absolute)]),
    ],
    concerns: (directory, name) =>
      (directory === absolute ? isTopologyFile(name) : name === basename(absolute)) ||
      name === CONFIG_MAP_LINK,
    read: async () => {
      try {
        const { texts, unread } = await readAll(filesAt(absolute))
        if (texts.length + unread.length === 0)
          return nothing(`${absolute}: no topology file in it (*.yaml, *.yml)`)
        const reading = readingOf(loadTogether(texts, environment), null, accept)
        return { ...reading, broken: [...unread, ...reading.broken] }
      } catch (error) {
        return nothing(messageOf(error))
      }
    },
  }
}

/** Kubernetes replaces this link when a ConfigMap changes; the files of the ConfigMap are links through it. */
const CONFIG_MAP_LINK = '..data'

function nothing(problem: string): Reading {
  return { versions: [], broken: [], problem }
}

async function readAll(files: string[]): Promise<{ texts: TopologyText[]; unread: Reading['broken'] }> {
  const texts: TopologyText[] = []
  const unread: Reading['broken'] = []
  for (const file of files) {
    try {
      texts.push({ file, text: await readText(file) })
    } catch (error) {
      unread.push({ file, name: null, why: messageOf(error).replace(`${file}: `, '') })
    }
  }
  return { texts, unread }
}

function filesAt(path: string): string[] {
  if (!isDirectory(path)) return [path]
  return readdirSync(path)
    .filter(isTopologyFile)
    .sort()
    .map(name => join(path, name))
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
