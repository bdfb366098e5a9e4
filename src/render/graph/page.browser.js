// Runs in the page: pan, zoom, details and search. It asks for nothing from anywhere.

const svg = document.querySelector('main > svg')
const world = svg.querySelector('.world')
const aside = document.querySelector('aside')
const search = document.querySelector('input')
const count = document.querySelector('output')
const things = new Map(JSON.parse(document.getElementById('things').textContent).map(one => [one.id, one]))
const elements = new Map([...svg.querySelectorAll('[data-id]')].map(element => [element.dataset.id, element]))
const nodes = [...svg.querySelectorAll('.node')]
const edges = [...svg.querySelectorAll('.edge')]
const size = { width: Number(svg.dataset.width), height: Number(svg.dataset.height) }

// Where the picture's corner stands on the screen, and how large a pixel of it is there.
const view = { x: 0, y: 0, scale: 1 }
/** Whether the reader has moved it: then it stays where it is, whatever becomes of the window. */
let moved = false
const SMALLEST = 0.03
const LARGEST = 4

function show() {
  world.setAttribute('transform', `translate(${view.x} ${view.y}) scale(${view.scale})`)
}

function showAll() {
  moved = false
  const { clientWidth, clientHeight } = svg
  view.scale = Math.max(SMALLEST, Math.min(clientWidth / size.width, clientHeight / size.height, 1.25))
  view.x = (clientWidth - size.width * view.scale) / 2
  view.y = (clientHeight - size.height * view.scale) / 2
  show()
}

function zoom(factor, x = svg.clientWidth / 2, y = svg.clientHeight / 2) {
  moved = true
  const scale = Math.max(SMALLEST, Math.min(LARGEST, view.scale * factor))
  view.x = x - ((x - view.x) * scale) / view.scale
  view.y = y - ((y - view.y) * scale) / view.scale
  view.scale = scale
  show()
}

function pan(x, y) {
  moved = true
  view.x += x
  view.y += y
  show()
}

/** Moves the picture so that an element is in sight and large enough to read. */
function bringIntoView(element) {
  if (view.scale < 0.7) zoom(0.9 / view.scale)
  const box = element.getBoundingClientRect()
  const frame = svg.getBoundingClientRect()
  const outside = (from, to, least, most) => (from < least ? least - from : to > most ? most - to : 0)
  pan(
    outside(box.left, box.right, frame.left + 24, frame.right - 24),
    outside(box.top, box.bottom, frame.top + 24, frame.bottom - 24),
  )
}

let chosen = null
let query = ''
let hits = []
let current = -1

/** What is shown beside: the node under the pointer or with the focus, else the chosen one. */
function describe(id) {
  const one = things.get(id)
  aside.hidden = !one
  aside.replaceChildren()
  if (!one) return
  const heading = document.createElement('h2')
  heading.textContent = one.name
  const caption = document.createElement('small')
  caption.textContent = one.caption
  heading.append(' ', caption)
  aside.append(heading)
  for (const [title, lines, style] of one.sections) {
    const head = document.createElement('h3')
    head.textContent = title
    const list = document.createElement('ul')
    if (style) list.className = style
    for (const line of lines) {
      const item = document.createElement('li')
      item.textContent = line
      list.append(item)
    }
    aside.append(head, list)
  }
}

/** Lights up what belongs to a node, or to what was searched for, and dims the rest. */
function light(id) {
  const near = new Set(id ? [id, ...(things.get(id)?.near ?? [])] : hits)
  const some = near.size > 0 || query !== ''
  for (const node of nodes) {
    node.classList.toggle('dimmed', some && !near.has(node.dataset.id))
    node.classList.toggle('found', !id && hits.includes(node.dataset.id))
    node.classList.toggle('chosen', node.dataset.id === chosen)
  }
  for (const edge of edges) {
    const touches = id !== null && (edge.dataset.from === id || edge.dataset.to === id)
    edge.classList.toggle('lit', touches)
    edge.classList.toggle('dimmed', some && !touches)
  }
}

function point(id) {
  const shown = id ?? chosen
  describe(shown)
  light(shown)
}

function choose(id) {
  chosen = id
  point(id)
}

function find() {
  query = search.value.trim().toLowerCase()
  const words = query.split(/\s+/)
  hits =
    query === ''
      ? []
      : [...things.values()]
          .filter(({ id, text }) => elements.has(id) && words.every(word => text.includes(word)))
          .toSorted((a, b) => closeness(a) - closeness(b))
          .map(({ id }) => id)
  current = -1
  count.textContent = query === '' ? '' : `${hits.length} of ${nodes.length}`
  chosen = null
  point(null)
}

/** A thing of that very name comes before one whose name begins so, and that before all others. */
function closeness({ name }) {
  const own = name.toLowerCase()
  return own === query ? 0 : own.startsWith(query) ? 1 : 2
}

function next(step) {
  if (hits.length === 0) return
  current = (current + step + hits.length) % hits.length
  const id = hits[current]
  moved = true
  count.textContent = `${current + 1} of ${hits.length}`
  describe(id)
  bringIntoView(elements.get(id))
}

for (const node of nodes) {
  const { id } = node.dataset
  // The host is the ground that others stand on: it is told of when it is asked for.
  if (!node.classList.contains('host')) {
    node.addEventListener('pointerenter', () => point(id))
    node.addEventListener('pointerleave', () => point(null))
  }
  node.addEventListener('focus', () => {
    if (!node.matches(':focus-visible')) return
    bringIntoView(node)
    point(id)
  })
  node.addEventListener('blur', () => point(null))
}

let drag = null
svg.addEventListener('pointerdown', event => {
  if (event.button !== 0) return
  drag = { x: event.clientX, y: event.clientY, moved: false, on: event.target.closest('.node') }
})
svg.addEventListener('pointermove', event => {
  if (!drag) return
  const [x, y] = [event.clientX - drag.x, event.clientY - drag.y]
  if (!drag.moved && Math.hypot(x, y) < 4) return
  if (!drag.moved) svg.setPointerCapture(event.pointerId)
  svg.classList.add('panning')
  pan(x, y)
  Object.assign(drag, { x: event.clientX, y: event.clientY, moved: true })
})
const drop = () => {
  if (drag && !drag.moved) choose(drag.on && drag.on.dataset.id !== chosen ? drag.on.dataset.id : null)
  drag = null
  svg.classList.remove('panning')
}
svg.addEventListener('pointerup', drop)
svg.addEventListener('pointercancel', drop)
svg.addEventListener(
  'wheel',
  event => {
    event.preventDefault()
    const frame = svg.getBoundingClientRect()
    const lines = event.deltaMode === 1 ? 16 : 1
    zoom(Math.exp((-event.deltaY * lines) / 500), event.clientX - frame.left, event.clientY - frame.top)
  },
  { passive: false },
)

const KEYS = {
  '+': () => zoom(1.25),
  '=': () => zoom(1.25),
  '-': () => zoom(0.8),
  0: showAll,
  '/': () => search.focus(),
  ArrowLeft: () => pan(60, 0),
  ArrowRight: () => pan(-60, 0),
  ArrowUp: () => pan(0, 60),
  ArrowDown: () => pan(0, -60),
}
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 'Escape') {
    search.value = ''
    find()
    return search.blur()
  }
  if (event.target === search) return
  const act = KEYS[event.key]
  if (!act) return
  event.preventDefault()
  act()
})
search.addEventListener('input', find)
document.querySelector('form').addEventListener('submit', event => {
  event.preventDefault()
  next(1)
})
search.addEventListener('keydown', event => {
  if (event.key !== 'Enter' || !event.shiftKey) return
  event.preventDefault()
  next(-1)
})
document.querySelector('[data-act=in]').addEventListener('click', () => zoom(1.25))
document.querySelector('[data-act=out]').addEventListener('click', () => zoom(0.8))
document.querySelector('[data-act=fit]').addEventListener('click', showAll)
new ResizeObserver(() => {
  if (!moved) showAll()
}).observe(svg)
showAll()
const wanted = decodeURIComponent(location.hash.slice(1))
if (wanted !== '') {
  search.value = wanted
  find()
  next(1)
}
