// A js-libp2p peer of Lading's tests: Noise and Yamux over TCP, identify, ping, and the hello and one
// message of /lading/talk/1. Commands come as lines on stdin, each is answered by one line of JSON.
import { createInterface } from 'node:readline'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { byteStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

// The library needs this function of Node 22; on Node 20 it is all that is missing.
Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new Promise((yes, no) => { resolve = yes; reject = no })
  return { promise, resolve, reject }
}

const TALK = '/lading/talk/1'

const node = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify({ runOnConnectionOpen: false }), ping: ping() }
})
const own = Buffer.from(`js:${node.peerId}`).toString('hex')

// u32 length ‖ JSON whose keys are in order: the canonical form for what is said here.
async function say (bytes, keysInOrder) {
  const body = Buffer.from(JSON.stringify(keysInOrder))
  const head = Buffer.alloc(4)
  head.writeUInt32BE(body.length)
  await bytes.write(Buffer.concat([head, body]))
}

async function hear (bytes) {
  const head = Buffer.from((await bytes.read({ bytes: 4 })).subarray())
  return JSON.parse(Buffer.from((await bytes.read({ bytes: head.readUInt32BE() })).subarray()))
}

const who = (hello) => Buffer.from(hello.binding, 'hex').toString()

let heard
const tell = new Promise((resolve) => { heard = resolve })

await node.handle(TALK, async (stream, connection) => {
  const bytes = byteStream(stream)
  const hello = await hear(bytes)
  await say(bytes, { binding: own, type: 'hello', v: 1 })
  const message = await hear(bytes)
  await say(bytes, { id: message.id, type: 'stored', v: 1 })
  heard({ hello: who(hello), text: message.text, ...await known(connection) })
  await stream.close()
})

async function known (connection) {
  const found = await node.services.identify.identify(connection)
  return {
    peer: found.peerId.toString(),
    agent: found.agentVersion,
    addresses: found.listenAddrs.length,
    protocols: found.protocols,
    ping: await node.services.ping.ping(connection.remotePeer) >= 0
  }
}

async function call (address) {
  const connection = await node.dial(multiaddr(address))
  const facts = await known(connection)
  const stream = await connection.newStream(TALK)
  const bytes = byteStream(stream)
  await say(bytes, { binding: own, type: 'hello', v: 1 })
  const hello = await hear(bytes)
  await say(bytes, { dataset: null, id: '0'.repeat(32), text: 'from js', thread: '1'.repeat(32), type: 'text', v: 1 })
  const stored = await hear(bytes)
  await stream.close()
  return { hello: who(hello), stored, ...facts }
}

function print (answer) {
  process.stdout.write(JSON.stringify(answer) + '\n')
}

print({ peer: node.peerId.toString(), addresses: node.getMultiaddrs().map(String) })
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, address] = line.split(' ')
  try {
    print(verb === 'call' ? await call(address) : await tell)
  } catch (error) {
    print({ error: String(error) })
  }
}
await node.stop()
