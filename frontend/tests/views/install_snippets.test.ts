import assert from 'node:assert/strict'
import { test } from 'node:test'
import { curlCommand, trackerTag } from '../../dashboard/views/welcome/install_snippets'

const BASE = 'https://abc.execute-api.eu-west-1.amazonaws.com/api/'

test('the tag loads the tracker from below the address of the dashboard', () => {
  assert.equal(trackerTag(BASE), `<script defer src="${BASE}tracker.js"></script>`)
})

test('the command sends valid JSON to the events route', () => {
  const command = curlCommand(BASE, 'example.com')
  const body = /-d '(.*)'/.exec(command)?.[1] ?? ''
  assert.deepEqual(JSON.parse(body), {
    event_type: 'page_view',
    page_url: 'https://example.com/',
  })
  assert.match(command, /^curl .* \\\n.* \\\n {2}https:\S+\/api\/events$/)
})
