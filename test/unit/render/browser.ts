import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'

/** A headless Chromium with one page, driven over a pipe by its own debugging protocol. */
export interface Browser {
  open(
    path: string,
    options?: { width?: number; height?: number; dark?: boolean; hash?: string },
  ): Promise<void>
  /** The value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>
  /** Types a key; a name such as `Tab` or `Enter`, or one character. */
  press(key: string): Promise<void>
  mouse(type: 'move' | 'down' | 'up' | 'wheel', x: number, y: number, deltaY?: number): Promise<void>
  screenshot(): Promise<Buffer>
  /** Whatever the page complained of, and every address it asked for. */
  complaints: string[]
  requests: string[]
  close(): Promise<void>
}

type Message = {
  id?: number
  method?: string
  params?: Record<string, unknown>
  result?: unknown
  error?: unknown
}

export async function launchBrowser(executable: string): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'nsctl-browser-'))
  const child = spawn(
    executable,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--hide-scrollbars',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  )
  let held = false
  const complaints: string[] = []
  const requests: string[] = []
  const { send, on } = connect(child)
  on((method, params) => {
    if (method === 'Log.entryAdded') complaints.push(String((params.entry as { text: string }).text))
    if (method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(params.exceptionDetails))
    if (method === 'Network.requestWillBeSent') requests.push((params.request as { url: string }).url)
  })
  const { targetInfos } = (await send('Target.getTargets')) as {
    targetInfos: { targetId: string; type: string }[]
  }
  const page = targetInfos.find(({ type }) => type === 'page')
  const { sessionId } = (await send('Target.attachToTarget', {
    targetId: page?.targetId,
    flatten: true,
  })) as {
    sessionId: string
  }
  const ask = (method: string, params: object = {}) => send(method, params, sessionId)
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await ask(`${domain}.enable`)
  return {
    complaints,
    requests,
    open: async (path, { width = 1280, height = 800, dark = false, hash = '' } = {}) => {
      await ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false })
      await ask('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
      })
      const loaded = new Promise<void>(resolve => on(method => method === 'Page.loadEventFired' && resolve()))
      await ask('Page.navigate', { url: 'about:blank' })
      await loaded
      const again = new Promise<void>(resolve => on(method => method === 'Page.loadEventFired' && resolve()))
      await ask('Page.navigate', { url: `${pathToFileURL(path)}${hash}` })
      await again
    },
    evaluate: async <T>(expression: string) => {
      const { result, exceptionDetails } = (await ask('Runtime.evaluate', {
        expression,
        returnByValue: true,
        awaitPromise: true,
      })) as { result: { value: T }; exceptionDetails?: { text: string } }
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails))
      return result.value
    },
    press: async key => {
      const code = { Tab: 9, Enter: 13, Escape: 27 }[key]
      const text = key.length === 1 ? key : key === 'Enter' ? '\r' : undefined
      await ask('Input.dispatchKeyEvent', {
        type: 'keyDown',
        key,
        text,
        windowsVirtualKeyCode: code ?? key.charCodeAt(0),
      })
      await ask('Input.dispatchKeyEvent', { type: 'keyUp', key })
    },
    mouse: async (type, x, y, deltaY = 0) => {
      const kind = { move: 'mouseMoved', down: 'mousePressed', up: 'mouseReleased', wheel: 'mouseWheel' }[
        type
      ]
      if (type === 'down') held = true
      if (type === 'up') held = false
      const button = type === 'wheel' || (type === 'move' && !held) ? 'none' : 'left'
      const buttons = held ? 1 : 0
      await ask('Input.dispatchMouseEvent', {
        type: kind,
        x,
        y,
        button,
        buttons,
        clickCount: 1,
        deltaX: 0,
        deltaY,
      })
    },
    screenshot: async () => {
      const { data } = (await ask('Page.captureScreenshot', { format: 'png' })) as { data: string }
      return Buffer.from(data, 'base64')
    },
    close: async () => {
      const ended = new Promise(resolve => child.once('close', resolve))
      await send('Browser.close').catch(() => child.kill('SIGKILL'))
      await ended
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

/** Messages are JSON, each ended by a NUL; answers bear the number of their question. */
function connect(child: ChildProcess) {
  const input = child.stdio[3] as Writable
  const output = child.stdio[4] as Readable
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  const listeners: ((method: string, params: Record<string, unknown>) => unknown)[] = []
  let last = 0
  let rest = ''
  const receive = ({ id, method, params, result, error }: Message) => {
    if (method !== undefined) for (const listener of listeners) listener(method, params ?? {})
    const question = id === undefined ? undefined : waiting.get(id)
    if (error) question?.reject(new Error(JSON.stringify(error)))
    else question?.resolve(result)
  }
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (rest + chunk).split('\0')
    rest = messages.pop() ?? ''
    for (const message of messages) receive(JSON.parse(message))
  })
  child.once('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the browser ended'))
  })
  return {
    on: (listener: (typeof listeners)[number]) => void listeners.push(listener),
    send: (method: string, params: object = {}, sessionId?: string) =>
      new Promise<unknown>((resolve, reject) => {
        last += 1
        waiting.set(last, { resolve, reject })
        input.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`)
      }),
  }
}
