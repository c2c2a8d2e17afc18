import Link from 'next/link'
import Script from 'next/script'
import { Ready } from './ready'

export const metadata = { title: 'Home' }

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <nav>
          <Link href="/">Home</Link> <Link href="/team">Team</Link> <Link href="/team/7">Ada</Link>{' '}
          <Link href="/list?sort=name">List</Link> <Link href="/moved">Moved</Link>{' '}
          <Link href="/guarded">Guarded</Link> <Link href="/long#part">Part</Link>{' '}
          <Link href="/nowhere">Nowhere</Link> <Link href="/team" replace>Replace</Link>
        </nav>
        {children}
        <Ready />
        <Script src="/tracker.js" data-local />
      </body>
    </html>
  )
}
