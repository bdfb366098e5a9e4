import type { Source } from '../../model/diagnostic.ts'
import { dictionary } from '../../model/text/lookup.ts'
import { listOf } from '../../model/text/phrases.ts'
import { type Draft, numbered } from '../parse/draft.ts'
import { didYouMean } from '../parse/nearest.ts'
import type { Path } from '../parse/tree.ts'

export function readUplinks({ file, report }: Draft): {
  uplinks: string[]
  uplinkSources: Record<string, Source>
} {
  const entries = numbered(file.uplinks).map(
    ([index, name]) => [name, report.sourceOf(['uplinks', index])] as const,
  )
  return { uplinks: entries.map(([name]) => name), uplinkSources: dictionary(entries) }
}

/** The subset of the topology's uplinks that a subnet or a forward names; all of them where it names none. */
export function chosenUplinks(chosen: string[] | undefined, path: Path, draft: Draft): string[] {
  const uplinks = numbered(draft.file.uplinks).map(([, name]) => name)
  if (chosen === undefined) return uplinks
  chosen.forEach((name, index) => {
    if (uplinks.includes(name) || draft.incomplete.has('uplinks')) return
    draft.report.error(
      'unknown-uplink',
      [...path, index],
      ...didYouMean(name, uplinks),
      `uplinks of the topology: ${listOf(uplinks)}`,
    )
  })
  return numbered(chosen).map(([, name]) => name)
}
