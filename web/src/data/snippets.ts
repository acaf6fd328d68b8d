// What a source's owner copies: each sends the same first event, in the way their world does it.

export type Snippet = { key: string; label: string; about: string; text: string }

export function snippets(url: string, key: string): Snippet[] {
  const host = url.replace(/^https?:\/\//, '')
  return [
    {
      key: 'curl', label: 'curl', about: 'To see that it works.',
      text: `curl -u ${key}: -H 'Content-Type: application/json' ${url}/v1/track \\
  -d '{"userId": "u-17", "event": "Hello Heed", "properties": {"from": "curl"}}'`,
    },
    {
      key: 'browser', label: 'Browser', about: 'Segment’s analytics.js, from your own bundle.',
      text: `import { AnalyticsBrowser } from '@segment/analytics-next'

const analytics = AnalyticsBrowser.load(
  { writeKey: '${key}', cdnURL: '${url}' },
  { integrations: { 'Segment.io': { apiHost: '${host}/v1', protocol: '${url.startsWith('https') ? 'https' : 'http'}' } } },
)
analytics.page()
analytics.track('Hello Heed', { from: 'browser' })`,
    },
    {
      key: 'node', label: 'Node', about: 'Segment’s library for servers.',
      text: `import { Analytics } from '@segment/analytics-node'

const analytics = new Analytics({ writeKey: '${key}', host: '${url}', path: '/v1/batch' })
analytics.identify({ userId: 'u-17', traits: { email: 'ann@example.com', first_name: 'Ann' } })
analytics.track({ userId: 'u-17', event: 'Hello Heed', properties: { from: 'node' } })
await analytics.closeAndFlush()`,
    },
    {
      key: 'python', label: 'Python', about: 'The standard library is enough.',
      text: `import base64, json, urllib.request

request = urllib.request.Request(
    "${url}/v1/track",
    data=json.dumps({"userId": "u-17", "event": "Hello Heed", "properties": {"from": "python"}}).encode(),
    headers={
        "Content-Type": "application/json",
        "Authorization": "Basic " + base64.b64encode(b"${key}:").decode(),
    },
)
print(urllib.request.urlopen(request).read())`,
    },
    {
      key: 'pixel', label: 'Pixel', about: 'Where no script runs: in a mail, on a page without JavaScript.',
      text: `<img alt="" width="1" height="1" src="${url}/pixel/v1/track?writeKey=${encodeURIComponent(key)}&userId=u-17&event=Hello%20Heed">`,
    },
  ]
}
