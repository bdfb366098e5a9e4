/** A line through the medians of one contender. */
interface Series {
  name: string
  points: { x: number; y: number }[]
}

interface Panel {
  title: string
  series: Series[]
}

const WIDTH = 360
const HEIGHT = 260
const MARGIN = { left: 52, right: 74, top: 30, bottom: 34 }
/** Told apart without red and green. */
const COLORS: Record<string, string> = {
  limit: '#777777',
  nsctl: '#0b5fd6',
  netlink: '#1ba3a3',
  batch: '#c77700',
  tutorial: '#a03fb0',
  pyroute2: '#6b8e23',
  CNI: '#8b5a2b',
  netavark: '#c0508a',
}

/** Panels beside each other, cost against size, both axes logarithmic: a straight line of slope 1 is linear growth. */
export function renderPlot(panels: Panel[]): string {
  const width = WIDTH * panels.length
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" font-family="sans-serif" font-size="11">`,
    '<title>Cost against size</title>',
    `<rect width="${width}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...panels.map((panel, i) => `<g transform="translate(${i * WIDTH} 0)">\n${renderPanel(panel)}\n</g>`),
    '</svg>',
    '',
  ].join('\n')
}

function renderPanel({ title, series }: Panel): string {
  const points = series.flatMap(one => one.points)
  const x = scale(
    points.map(point => point.x),
    MARGIN.left,
    WIDTH - MARGIN.right,
  )
  const y = scale(
    points.map(point => point.y),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  )
  const [bottom, top, left, right] = [HEIGHT - MARGIN.bottom, MARGIN.top, MARGIN.left, WIDTH - MARGIN.right]
  return [
    `<text x="${left}" y="18" font-weight="bold">${title}</text>`,
    ...y.ticks.flatMap(tick => [
      `<line x1="${left}" x2="${right}" y1="${y.at(tick)}" y2="${y.at(tick)}" stroke="#dddddd"/>`,
      `<text x="${left - 6}" y="${y.at(tick) + 4}" text-anchor="end">${duration(tick)}</text>`,
    ]),
    ...x.ticks.flatMap(tick => [
      `<line x1="${x.at(tick)}" x2="${x.at(tick)}" y1="${top}" y2="${bottom}" stroke="#eeeeee"/>`,
      `<text x="${x.at(tick)}" y="${bottom + 16}" text-anchor="middle">${tick}</text>`,
    ]),
    `<text x="${(left + right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">namespaces</text>`,
    ...series.map(one => renderSeries(one, x, y)),
    ...labels(series, y).map(
      ({ name, at }) => `<text x="${right + 6}" y="${at}" fill="${colorOf(name)}">${name}</text>`,
    ),
  ].join('\n')
}

interface Scale {
  at(value: number): number
  /** The powers of ten that are covered. */
  ticks: number[]
}

function scale(values: number[], from: number, to: number): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))
  const at = (value: number) =>
    Math.round((from + ((Math.log10(value) - low) / (high - low)) * (to - from)) * 10) / 10
  return { at, ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)) }
}

function renderSeries({ name, points }: Series, x: Scale, y: Scale): string {
  const places = points.map(point => `${x.at(point.x)},${y.at(point.y)}`)
  const dots = points.map(point => `<circle cx="${x.at(point.x)}" cy="${y.at(point.y)}" r="2.5"/>`)
  return `<g fill="${colorOf(name)}"><polyline points="${places.join(' ')}" fill="none" stroke="${colorOf(name)}" stroke-width="1.6"/>${dots.join('')}</g>`
}

const LINE = 13

/** At the ends of the lines, pushed down where they would cover each other. */
function labels(series: Series[], y: Scale): { name: string; at: number }[] {
  const wanted = series
    .map(({ name, points }) => ({ name, at: y.at(points.at(-1)?.y ?? 1) + 4 }))
    .sort((a, b) => a.at - b.at)
  wanted.forEach((label, i) => {
    const above = wanted[i - 1]
    if (above) label.at = Math.max(label.at, above.at + LINE)
  })
  return wanted
}

function colorOf(name: string): string {
  return COLORS[name] ?? '#333333'
}

function duration(milliseconds: number): string {
  return milliseconds >= 1000 ? `${milliseconds / 1000} s` : `${milliseconds} ms`
}
