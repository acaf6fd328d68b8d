import { ApiError, type Problem } from '../api/client'

/** Sends a file with its mapping as it is read from the disk, and says how far it is: fetch cannot say that. */
export function upload(mapping: string, file: File, progress: (sent: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const form = new FormData() // the mapping first: the server reads as it comes
    form.append('mapping', mapping)
    form.append('file', file, file.name)
    const x = new XMLHttpRequest()
    x.open('POST', '/api/v1/imports')
    x.setRequestHeader('X-Heed-Console', '1')
    x.upload.onprogress = (e) => progress(Math.min(e.loaded, file.size))
    const fail = (detail: string, problem?: Problem) => reject(new ApiError(x.status, problem ?? { title: '', status: x.status, code: 'unavailable', detail }))
    x.onerror = () => fail('The upload broke off. Check that Heed runs and that you are online, then send the file again.')
    x.onload = () => {
      if (x.status >= 200 && x.status < 300) return resolve()
      try {
        fail('', JSON.parse(x.responseText) as Problem)
      } catch {
        fail(`Heed answered ${x.status} without saying why. Try again; the log has the details.`)
      }
    }
    x.send(form)
  })
}
