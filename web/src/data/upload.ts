import { api, ApiError, must, type Problem, type Schemas } from '../api/client'
import { language, words } from '../words/i18n'

const t = words('data')

export type Import = Schemas['Import']

/** Where the pieces of a file go. */
export type Door = {
  /** How many bytes are there. */
  offset: () => Promise<number>
  /** Brings what comes after the first `at` bytes, says meanwhile how much of it went, and answers how many are there then. */
  put: (at: number, piece: Blob, sent: (bytes: number) => void) => Promise<number>
}

/** One piece: read from the disk as it is sent, so the file is never in memory. */
export const pieceSize = 8 << 20
const patience = 10

/** What may pass: no connection, another piece on its way, too much to do. Everything else would fail again. */
const passing = (status: number) => status === 0 || status === 408 || status === 409 || status === 429 || status >= 500

/** Sends a file piece by piece, from where it stands, and goes on by itself when the connection breaks. */
export async function sendFrom(door: Door, file: Blob, progress: (sent: number) => void, pause = (ms: number) => new Promise((go) => setTimeout(go, ms))) {
  let at: number | undefined
  for (let failed = 0; at === undefined || at < file.size;) {
    try {
      at ??= await door.offset()
      progress(at)
      if (at >= file.size) return
      const from: number = at
      at = await door.put(from, file.slice(from, from + pieceSize), (n) => progress(from + n))
      failed = 0
    } catch (error) {
      if (!(error instanceof ApiError) || !passing(error.status) || ++failed > patience) throw error
      await pause(Math.min(15_000, 500 * 2 ** (failed - 1)))
      at = undefined // what of the piece has come counts: ask
    }
  }
  progress(file.size)
}

/** Makes an import of which the file comes piece by piece. */
export const begin = (mapping: string, file: File) =>
  must(api.POST('/api/v1/imports/uploads', { body: { file: file.name, size: file.size, mapping, modified: new Date(file.lastModified).toISOString() } }))

/** Goes on with an import that waits for its file. */
export const send = (id: string, file: File, progress: (sent: number) => void) => sendFrom(doorOf(id), file, progress)

/** Whether a file is the one that an upload was begun with: nobody wants two halves of different files. */
export const isTheOne = (i: Import, file: { name: string; size: number; lastModified: number }) =>
  i.state === 'uploading' && i.total_bytes === file.size && (!i.modified || Date.parse(i.modified) === file.lastModified) && i.file === serverName(file.name)

/** How the server calls a file. */
const serverName = (name: string) => name.replace(/[^A-Za-z0-9._-]/gu, '_').replace(/^\.+/, '').slice(-100)

function doorOf(id: string): Door {
  const path = `/api/v1/imports/${id}/file`
  return {
    offset: () => ask('HEAD', path),
    put: (at, piece, sent) => ask('PATCH', path, { at, piece, sent }),
  }
}

/** fetch cannot say how much of a body went. */
function ask(method: string, path: string, more?: { at: number; piece: Blob; sent: (bytes: number) => void }): Promise<number> {
  return new Promise((resolve, reject) => {
    const x = new XMLHttpRequest()
    x.open(method, path)
    x.setRequestHeader('X-Heed-Console', '1')
    x.setRequestHeader('Accept-Language', language())
    if (more) {
      x.setRequestHeader('Content-Type', 'application/offset+octet-stream')
      x.setRequestHeader('Upload-Offset', String(more.at))
      x.upload.onprogress = (e) => more.sent(e.loaded)
    }
    x.onerror = x.onabort = () => reject(new ApiError(0, unsaid(0)))
    x.onload = () => {
      const at = Number(x.getResponseHeader('Upload-Offset'))
      if (x.status >= 200 && x.status < 300 && x.getResponseHeader('Upload-Offset')) return resolve(at)
      reject(new ApiError(x.status, problemIn(x)))
    }
    x.send(more?.piece)
  })
}

const unsaid = (status: number): Problem => ({ title: '', status, code: 'unavailable', detail: status ? t('upload.refused', { status }) : t('upload.broken') })

function problemIn(x: XMLHttpRequest): Problem {
  try {
    return JSON.parse(x.responseText) as Problem
  } catch {
    return unsaid(x.status)
  }
}
