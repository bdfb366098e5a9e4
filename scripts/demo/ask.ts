// Prints what a web server answers. Arguments: the URL and, if it matters, the address to ask from.
import { get } from 'node:http'

const [url = '', localAddress] = process.argv.slice(2)
const request = get(url, { ...(localAddress ? { localAddress } : {}), timeout: 1000 })
request.on('response', response => response.pipe(process.stdout))
request.on('timeout', () => request.destroy(new Error('timeout')))
request.on('error', () => console.log('no answer'))
