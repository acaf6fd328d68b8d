// Sends one of every kind of call with a server SDK. usage: node node.js segment|rudder URL WRITE_KEY
const [, , which, url, writeKey] = process.argv

async function main() {
  let client
  if (which === 'segment') {
    const { Analytics } = require('@segment/analytics-node')
    client = new Analytics({ writeKey, host: url, flushAt: 20, flushInterval: 100 })
    client.on('error', (e) => { console.error('error', e); process.exitCode = 1 })
  } else {
    const Analytics = require('@rudderstack/rudder-sdk-node')
    client = new Analytics(writeKey, { dataPlaneUrl: url, flushAt: 20, flushInterval: 100, errorHandler: (e) => { console.error('error', e); process.exitCode = 1 } })
  }
  const context = { ip: '203.0.113.7', traits: { email: 'Ana@Lumen.Example' } }
  client.identify({ userId: 'u1', anonymousId: 'a1', traits: { email: 'Ana@Lumen.Example', plan: 'plus' } })
  client.track({ userId: 'u1', event: 'Order Completed', properties: { revenue: 12.5, name: 'Chá verde ☕' }, context })
  client.page({ userId: 'u1', name: 'Basket', properties: { path: '/basket' } })
  client.screen({ userId: 'u1', name: 'Home', properties: {} })
  client.group({ userId: 'u1', groupId: 'g1', traits: { name: 'Lumen' } })
  client.alias({ userId: 'u1', previousId: 'a0' })
  client.track({ userId: 'u1', event: 'Long ago', timestamp: new Date('2020-05-01T12:00:00Z') })
  if (which === 'segment') {
    await client.closeAndFlush({ timeout: 20000 })
  } else {
    await client.flush()
  }
}

main().catch((e) => { console.error(e); process.exitCode = 1 })
