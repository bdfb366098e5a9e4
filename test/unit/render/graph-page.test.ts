import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { graphOf } from '../../../src/graph/from-topology.ts'
import type { Graph } from '../../../src/graph/graph.ts'
import { renderHtml } from '../../../src/render/graph/html.ts'
import { layOut } from '../../../src/render/graph/picture.ts'
import { renderSvg } from '../../../src/render/graph/svg.ts'
import { drawn, example, segments } from '../graph/drawn.ts'
import { type Browser, launchBrowser } from './browser.ts'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

describe.skipIf(CHROMIUM === undefined)('the page, in a browser (skipped where there is no Chromium)', () => {
  let browser: Browser
  let directory: string

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'nsctl-page-'))
    browser = await launchBrowser(CHROMIUM ?? '')
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  const page = async (graph: Graph, name = 'page.html') => {
    const path = join(directory, name)
    writeFileSync(path, renderHtml(graph, await layOut(graph)))
    return path
  }
  const one = (id: string) => `document.querySelector('[data-id="${id}"]')`
  const placeOf = (id: string) =>
    browser.evaluate<{ x: number; y: number; width: number }>(
      `(() => { const { x, y, width } = ${one(id)}.getBoundingClientRect(); return { x: x + 30, y: y + 12, width } })()`,
    )
  const told = () => browser.evaluate<string>("document.querySelector('aside').innerText")
  const dimmed = () =>
    browser.evaluate<string[]>("[...document.querySelectorAll('.node.dimmed')].map(node => node.dataset.id)")

  test('asks for nothing, complains of nothing, and shows all of it', async () => {
    browser.requests.length = 0
    const path = await page(graphOf(example('flask.yaml')))
    await browser.open(path)
    expect(browser.requests.filter(url => url !== 'about:blank')).toEqual([`file://${path}`])
    expect(browser.complaints).toEqual([])
    const outside = await browser.evaluate<string[]>(
      `[...document.querySelectorAll('.node')].filter(node => {
        const { left, top, right, bottom } = node.getBoundingClientRect()
        return left < 0 || top < 0 || right > innerWidth || bottom > innerHeight
      }).map(node => node.dataset.id)`,
    )
    expect(outside).toEqual([])
  })

  test('every text stays in its box, in the fonts of this machine', async () => {
    await browser.open(await page(graphOf(example('published.yaml'))))
    const over = await browser.evaluate<string[]>(
      `[...document.querySelectorAll('.node')].flatMap(node => {
        const card = node.querySelector('.card').getBoundingClientRect()
        return [...node.querySelectorAll(':scope > text')]
          .filter(text => text.getBoundingClientRect().right > card.right).map(text => text.textContent)
      })`,
    )
    expect(over).toEqual([])
  })

  test('pointing at a box tells its details and lights up what it is joined to', async () => {
    await browser.open(await page(graphOf(example('flask.yaml'))))
    const { x, y } = await placeOf('namespace/netns1')
    await browser.mouse('move', x, y)
    expect(await told()).toMatch(
      /^netns1[\s\S]*veth1 192\.168\.0\.2\/24[\s\S]*:6000 → 8080[\s\S]*flask\.yaml:\d+/,
    )
    expect(await dimmed()).toEqual(['outside', 'subnet/web2', 'namespace/netns2'])
    await browser.mouse('move', 5, 300)
    expect(await dimmed()).toEqual([])
  })

  test('so does the keyboard, and every box has a name that can be read aloud', async () => {
    await browser.open(await page(graphOf(example('flask.yaml'))))
    const focused = () => browser.evaluate<string>('document.activeElement.dataset.id ?? ""')
    const seen: string[] = []
    for (let i = 0; i < 12; i++) {
      await browser.press('Tab')
      const id = await focused()
      if (id === '') continue
      seen.push(id)
      expect(await told()).toContain(id.split('/').at(-1))
    }
    expect(seen.toSorted()).toEqual(
      graphOf(example('flask.yaml'))
        .nodes.map(({ id }) => id)
        .toSorted(),
    )
    const nameless =
      "[...document.querySelectorAll('[tabindex], button, input')].filter(e => !e.ariaLabel && !e.textContent)"
    expect(await browser.evaluate(`${nameless}.length`)).toBe(0)
  })

  test('search counts what it finds, dims the rest, goes to the next with Enter, and ends with Escape', async () => {
    await browser.open(await page(drawn(segments(30))))
    await browser.press('/')
    for (const key of 'web1') await browser.press(key)
    const count = () => browser.evaluate<string>("document.querySelector('output').textContent")
    const hits = drawn(segments(30)).nodes.filter(({ id }) => /\/web1/.test(id)).length
    expect(Number((await count()).split(' ')[0])).toBeGreaterThanOrEqual(hits)
    expect(await dimmed()).toContain('namespace/web20')
    await browser.press('Enter')
    expect(await count()).toMatch(/^1 of/)
    expect(await told()).toMatch(/^web1\b/)
    const { x, y } = await placeOf('namespace/web1')
    expect(x).toBeGreaterThan(0)
    expect(y).toBeGreaterThan(0)
    await browser.press('Escape')
    expect(await dimmed()).toEqual([])
    expect(await count()).toBe('')
  })

  test('the wheel zooms about the pointer, dragging pans, and 0 shows all again', async () => {
    await browser.open(await page(graphOf(example('flask.yaml'))))
    const before = await placeOf('namespace/netns1')
    await browser.mouse('wheel', before.x, before.y, -300)
    const zoomed = await placeOf('namespace/netns1')
    expect(zoomed.width).toBeGreaterThan(before.width * 1.5)
    expect(Math.abs(zoomed.x - before.x)).toBeLessThan(40)
    await browser.mouse('move', 30, 600)
    await browser.mouse('down', 30, 600)
    await browser.mouse('move', 130, 550)
    await browser.mouse('up', 130, 550)
    const panned = await placeOf('namespace/netns1')
    expect([panned.x - zoomed.x, panned.y - zoomed.y].map(Math.round)).toEqual([100, -50])
    await browser.press('0')
    expect(await placeOf('namespace/netns1')).toEqual(before)
  })

  test('light and dark: what is written can be read on what it stands on', async () => {
    for (const dark of [false, true]) {
      await browser.open(await page(graphOf(example('tenants.yaml'))), { dark })
      const contrasts = await browser.evaluate<[string, number][]>(`(${contrastsOf})()`)
      expect(contrasts.filter(([, ratio]) => ratio < 4.5)).toEqual([])
      expect(contrasts.length).toBeGreaterThan(20)
    }
  })

  test('hostile names do nothing, and the SVG is well-formed', async () => {
    const flask = graphOf(example('flask.yaml'))
    const evil = '</script><img src=x onerror="document.title=1">\u202e\u0007"\''
    const graph: Graph = {
      ...flask,
      nodes: flask.nodes.map(node => ({
        ...node,
        details: [evil],
        drift: [evil],
        name: `${evil}${node.name}`,
      })),
      hostDrift: [evil],
    }
    browser.complaints.length = 0
    await browser.open(await page(graph, 'evil"><b>.html'))
    expect(browser.complaints).toEqual([])
    expect(await browser.evaluate('document.querySelectorAll("img, b").length')).toBe(0)
    expect(await browser.evaluate('document.scripts.length')).toBe(2)
    const svg = renderSvg(await layOut(graph))
    const errors = `new DOMParser().parseFromString(${JSON.stringify(svg)}, 'image/svg+xml').querySelectorAll('parsererror').length`
    expect(await browser.evaluate(errors)).toBe(0)
  })
})

/** In the page: every text in a box, with its contrast to the box. */
const contrastsOf = `() => {
  const channels = color => color.match(/[\\d.]+/g).slice(0, 3).map(Number)
  const luminance = color => channels(color)
    .map(c => c / 255).map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x)
    return (high + 0.05) / (low + 0.05)
  }
  return [...document.querySelectorAll('.node > text')].map(text => [
    text.textContent,
    contrast(getComputedStyle(text).fill, getComputedStyle(text.parentNode.querySelector('.card')).fill),
  ])
}`
