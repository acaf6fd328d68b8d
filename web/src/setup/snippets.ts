// What a source's owner copies: each sends the same first event, in the way their world does it. Each is run as it stands
// by test/snippets.e2e.mjs.

export type Snippet = { key: string; label: string; text: string }

export function snippets(url: string, key: string): Snippet[] {
  const host = url.replace(/^https?:\/\//, '')
  const auth = btoa(`${key}:`)
  return [
    {
      key: 'page', label: 'HTML',
      text: `<script>
  // Tells Heed about each page; window.heed.track('Event', {...}) tells more.
  !function (url, key) {
    var id = localStorage.heedId || (localStorage.heedId = crypto.randomUUID())
    function send(type, body) {
      body.anonymousId = id
      body.messageId = crypto.randomUUID()
      body.context = { page: { url: location.href, path: location.pathname, title: document.title, referrer: document.referrer } }
      fetch(url + '/v1/' + type, { method: 'POST', keepalive: true, body: JSON.stringify(body),
        headers: { 'Content-Type': 'text/plain', Authorization: 'Basic ' + btoa(key + ':') } })
    }
    window.heed = {
      track: function (event, properties) { send('track', { event: event, properties: properties }) },
      identify: function (userId, traits) { send('identify', { userId: userId, traits: traits }) },
    }
    send('page', { name: document.title })
  }('${url}', '${key}')
</script>`,
    },
    {
      key: 'browser', label: 'JavaScript',
      text: `// npm install @segment/analytics-next
import { AnalyticsBrowser } from '@segment/analytics-next'

const analytics = AnalyticsBrowser.load(
  { writeKey: '${key}', cdnURL: '${url}' },
  { integrations: { 'Segment.io': { apiHost: '${host}/v1', protocol: '${url.startsWith('https') ? 'https' : 'http'}' } } },
)
analytics.page()
analytics.track('Hello Heed', { from: 'browser' })`,
    },
    {
      key: 'node', label: 'Node',
      text: `// npm install @segment/analytics-node
import { Analytics } from '@segment/analytics-node'

const analytics = new Analytics({ writeKey: '${key}', host: '${url}', path: '/v1/batch' })
analytics.identify({ userId: 'u-17', traits: { email: 'ann@example.com', first_name: 'Ann' } })
analytics.track({ userId: 'u-17', event: 'Hello Heed', properties: { from: 'node' } })
await analytics.closeAndFlush()`,
    },
    {
      key: 'go', label: 'Go',
      text: `package main

import (
	"fmt"
	"net/http"
	"strings"
)

func main() {
	event := \`{"userId": "u-17", "event": "Hello Heed", "properties": {"from": "go"}}\`
	request, err := http.NewRequest("POST", "${url}/v1/track", strings.NewReader(event))
	if err != nil {
		panic(err)
	}
	request.SetBasicAuth("${key}", "")
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	fmt.Println(answer.Status)
}`,
    },
    {
      key: 'python', label: 'Python',
      text: `import json, urllib.request

request = urllib.request.Request(
    "${url}/v1/track",
    data=json.dumps({"userId": "u-17", "event": "Hello Heed", "properties": {"from": "python"}}).encode(),
    headers={"Content-Type": "application/json", "Authorization": "Basic ${auth}"},
)
print(urllib.request.urlopen(request).read())`,
    },
    {
      key: 'php', label: 'PHP',
      text: `<?php
$body = json_encode(['userId' => 'u-17', 'event' => 'Hello Heed', 'properties' => ['from' => 'php']]);
echo file_get_contents('${url}/v1/track', false, stream_context_create(['http' => [
    'method' => 'POST',
    'header' => ['Content-Type: application/json', 'Authorization: Basic ${auth}'],
    'content' => $body,
]]));`,
    },
    {
      key: 'curl', label: 'curl',
      text: `curl -u ${key}: -H 'Content-Type: application/json' ${url}/v1/track \\
  -d '{"userId": "u-17", "event": "Hello Heed", "properties": {"from": "curl"}}'`,
    },
    {
      key: 'pixel', label: 'Pixel',
      text: `<img alt="" width="1" height="1" src="${url}/pixel/v1/track?writeKey=${encodeURIComponent(key)}&userId=u-17&event=Hello%20Heed&properties.from=pixel">`,
    },
  ]
}
