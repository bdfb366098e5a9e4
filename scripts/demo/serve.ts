// A web server that greets who asks. It ends with its standard input, however many processes are between it and the
// demo. Arguments: its name, its port.
import { createServer } from 'node:http'

const [name, port] = process.argv.slice(2)
const server = createServer((request, response) => {
  response.end(`${name} greets ${request.socket.remoteAddress?.replace('::ffff:', '')}\n`)
})
server.listen(Number(port), () => console.log('listening'))
process.stdin.on('end', () => process.exit()).resume()
