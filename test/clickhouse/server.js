// A ClickHouse for tests: the engine itself (npm's chdb) behind enough of the server's HTTP interface for clickhouse-go.
// node server.js DIR prints the port that it listens on. When its standard input ends, so does it, and DIR is removed.
//
// It writes Native without block headers, as clickhouse-local does, so it greets the driver with protocol revision 0.
const { createServer } = require('node:http')
const { mkdirSync, rmSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { Session } = require('chdb')

const dir = process.argv[2]
const data = join(dir, 'data')
mkdirSync(data, { recursive: true })
const keeper = new Session(data) // as long as it is open, the sessions of the requests come and go for nothing

const hello = 'SELECT displayName(), version(), revision(), timezone()'
const protocol = new Set(['query', 'query_id', 'database', 'default_format', 'client_protocol_version', 'wait_end_of_query'])
const quote = (s) => "'" + s.replaceAll('\\', '\\\\').replaceAll("'", "\\'") + "'"

function greeting() {
  const text = (s) => Buffer.concat([Buffer.from([s.length]), Buffer.from(s)])
  const column = (name, type, value) => Buffer.concat([text(name), text(type), Buffer.from([0]), value])
  const version = keeper.query('SELECT version()', 'TSV').trim()
  return Buffer.concat([
    Buffer.from([1, 0, 2, 255, 255, 255, 255, 0, 4, 1]), // block header, 4 columns, 1 row
    column('displayName()', 'String', text('chdb')), column('version()', 'String', text(version)),
    column('revision()', 'UInt32', Buffer.alloc(4)), column('timezone()', 'String', text('UTC')),
  ])
}

let inserts = 0
async function answer(url, body) {
  const params = new URL(url, 'http://x').searchParams
  let sql = params.get('query') ?? body.toString()
  if (sql === hello) return greeting()
  if (/\bINTO OUTFILE\b/i.test(sql)) throw Object.assign(new Error('INTO OUTFILE is not allowed'), { clickhouseCode: 358 }) // by servers
  const session = new Session(data)
  let file
  try {
    if (params.get('database')) await session.queryAsync('USE `' + params.get('database') + '`')
    const settings = [...params].filter(([k]) => !protocol.has(k) && !k.startsWith('http_') && !k.startsWith('cancel_http_'))
    // A server reads a parameter as escaped text, and so does SET, from a literal that loses its own escapes first.
    const set = settings.map(([k, v]) => `${k} = ${quote(v)}`)
    await session.queryAsync('SET ' + ['implicit_select = 0', ...set].join(', ')) // clickhouse-local has another default
    if (params.get('query')) {
      file = join(dir, `insert-${inserts++}`)
      writeFileSync(file, body)
      sql = sql.replace(/ FORMAT (\w+)\s*$/, ` FROM INFILE ${quote(file)} FORMAT $1`)
    }
    return (await session.queryAsync(sql, { format: params.get('default_format') ?? 'TSV' })).bytes()
  } finally {
    session.close()
    if (file) rmSync(file)
  }
}

const server = createServer(async (req, res) => {
  try {
    const chunks = []
    for await (const c of req) chunks.push(c)
    const out = await answer(req.url, Buffer.concat(chunks))
    res.writeHead(200).end(out)
  } catch (err) {
    res.writeHead(err.clickhouseCode === 62 ? 400 : 500, { 'X-ClickHouse-Exception-Code': err.clickhouseCode ?? 1002 }).end(err.message)
  }
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.resume().on('end', () => {
  rmSync(dir, { recursive: true, force: true })
  process.exit(0)
})
