import { readdir, readFile } from 'node:fs/promises'
import type { Metafile } from 'esbuild'

/** The licences of the packages that a bundle is made of, as they ask for; from esbuild's account of its inputs. */
export async function noticesOf({ inputs }: Metafile): Promise<string> {
  const roots = new Set(
    Object.keys(inputs).flatMap(path => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  )
  const notices = await Promise.all([...roots].sort().map(notice))
  return `nsctl is made of these packages, under the licences that follow.\n${notices.join('')}`
}

async function notice(root: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(`${root}/package.json`, 'utf8'))
  const file = (await readdir(root)).find(entry => /^licen[cs]e(\.|$)/i.test(entry))
  const text = file ? await readFile(`${root}/${file}`, 'utf8') : ''
  return `\n${'-'.repeat(80)}\n${name} ${version}: ${license}\n\n${text.trim()}\n`
}
