/** Colours of the two schemes. Text on its card has a contrast of at least 4.5, lines on the paper one of 3. */
const SCHEMES = {
  light: {
    paper: '#ffffff',
    host: '#f6f8fa',
    border: '#d1d9e0',
    card: '#ffffff',
    ink: '#1f2328',
    muted: '#59636e',
    line: '#818b98',
    link: '#3d4752',
    uplink: '#0969da',
    subnet: '#1a7f37',
    namespace: '#6639ba',
    forward: '#bc4c00',
    allow: '#8250df',
    drift: '#cf222e',
  },
  dark: {
    paper: '#0d1117',
    host: '#151b23',
    border: '#3d444d',
    card: '#1c2430',
    ink: '#f0f6fc',
    muted: '#9ba6b2',
    line: '#768390',
    link: '#c3ccd6',
    uplink: '#58a6ff',
    subnet: '#3fb950',
    namespace: '#bc8cff',
    forward: '#f0883e',
    allow: '#c297ff',
    drift: '#ff7b72',
  },
} as const

type Colors = Record<keyof typeof SCHEMES.light, string>

/** No variables: programs that draw SVG but are no browsers do not know them. */
export function styleSheet(): string {
  return `${SHAPES}${colors(SCHEMES.light)}@media(prefers-color-scheme:dark){${colors(SCHEMES.dark)}}`
}

const SHAPES = [
  'text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;font-size:11.5px;stroke:none}',
  '.title{font-size:16px;font-weight:600}',
  '.name{font-size:13px;font-weight:600}',
  '.caption,.label{font-size:10px;font-weight:400}',
  '.card,.host>rect{stroke-width:1}',
  '.bar{fill:none;stroke-width:3;stroke-linecap:round}',
  '.outside .bar{display:none}',
  '.outside .card{stroke-dasharray:4 3}',
  '.edge path{fill:none;stroke-width:1.5}',
  '.edge.way-out path{stroke-dasharray:2 4;stroke-linecap:round}',
  '.edge.allow path{stroke-dasharray:6 4}',
  '.edge .head{stroke:none;stroke-dasharray:none}',
  '.drift .card,.host.drift>rect,.edge.drift path,.edge.drifted path{stroke-width:2;stroke-dasharray:6 3}',
  '.badge text{font-size:10px;font-weight:600}',
].join('')

function colors(c: Colors): string {
  const kinds = (['uplink', 'subnet', 'namespace'] as const).map(kind => `.${kind} .bar{stroke:${c[kind]}}`)
  return [
    `.paper{fill:${c.paper}}`,
    `text{fill:${c.ink}}`,
    `.caption,.about,.note{fill:${c.muted}}`,
    `.card{fill:${c.card};stroke:${c.border}}`,
    `.host>rect,.group{fill:${c.host};stroke:${c.border}}`,
    ...kinds,
    `.interface .bar{stroke:${c.subnet}}`,
    `.edge path{stroke:${c.line}}`,
    `.edge.link path{stroke:${c.link}}`,
    `.edge.forward path{stroke:${c.forward}}.row.forward{fill:${c.forward}}`,
    `.edge.forward .head{fill:${c.forward}}`,
    `.edge.allow path{stroke:${c.allow}}.label.allow,.row.allow{fill:${c.allow}}`,
    `.edge.allow .head{fill:${c.allow}}`,
    `.row.rate,.row.traffic{fill:${c.uplink}}`,
    `.drift .card,.host.drift>rect,.edge.drift path,.edge.drifted path{stroke:${c.drift}}`,
    `.badge circle{fill:${c.drift}}.badge text{fill:${c.paper}}`,
  ].join('')
}
