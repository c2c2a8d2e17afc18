// What a click or a submitted form means: a named event, a download, a link to another site.

import { siteOf } from '../same_site'
import { track } from './api'
import { clean, downloads } from './options'
import { safely } from './safely'

/** Any element of the page: links, forms and shadow roots have properties of their own. */
type PageNode = HTMLElement & {
  mode?: string
  method?: string
  href: string & { baseVal?: string }
  attributes: NamedNodeMap & { download?: Attr; action?: Attr; formaction?: Attr }
}

let lastAction: Event | undefined // the click or submit that was read last
let clicked: PageNode | 0 | undefined // the tagged element that it hit, while it is dispatched

export const onClick = safely((event: Event & { button?: number; submitter?: HTMLButtonElement }) => {
  const isForm = event.type == 'submit'
  // The `submit` of a form in a shadow root does not leave that. Only such roots have a mode.
  const nodes = (event.composedPath() as PageNode[]).filter((node) => {
    if (node.mode) node.addEventListener('submit', onClick, true)
    return isForm == (node.localName == 'form')
  })
  if (event.type == 'focus' || (event.button as number) > 1 || lastAction == event) return
  lastAction = event
  const tagged = nodes.find((node) => node.dataset?.liveinsightEvent)
  // A label passes its click on to its control: one click, two events.
  if (tagged && tagged != clicked) {
    clicked = tagged
    setTimeout(() => (clicked = 0))
    track(
      tagged.dataset.liveinsightEvent as string,
      safely(JSON.parse)((tagged.dataset.liveinsightProps || null) as string)
    )
  }

  const link = nodes.find((node) => isForm || /^a(rea)?$/.test(node.localName))
  // A form's properties can be hidden by its inputs, and its button can have others.
  const button = event.submitter as (PageNode & HTMLButtonElement) | undefined
  if (!link || (button?.formMethod || link.method) == 'dialog') return
  // The address of a link in SVG is an object.
  const url = new URL(
    isForm
      ? (button?.attributes.formaction || link.attributes.action)?.value || (location as unknown as URL)
      : (link.href.baseVal ?? link.href),
    document.baseURI
  )
  const name = isForm
    ? 'form_submit'
    : link.attributes.download || downloads.test(url.pathname)
      ? 'file_download'
      : siteOf(url) != siteOf(location) && 'outbound_link'
  // mailto:, tel:, data: and the schemes of apps lead to no page.
  if (name && /^http/.test(url)) track(name, { url: clean(url) })
})
