// React Router with data routes, in StrictMode, whose effects run twice.
import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import {
  createBrowserRouter, Form, Link, Navigate, Outlet, redirect, RouterProvider, ScrollRestoration,
  useLoaderData, useNavigate, useParams, useSearchParams
} from 'react-router'

// Data come late; so do titles, which React renders after the address has changed.
const later = (value, ms = 60) => new Promise(done => setTimeout(done, ms, value))

function Page({ title, children }) {
  return <main><title>{title}</title><h1>{title}</h1>{children}</main>
}

function Root() {
  const navigate = useNavigate()
  const [ready, setReady] = useState('')
  useEffect(() => setReady('Ready'), [])
  return <>
    <nav>
      <Link to="/">Home</Link> <Link to="/team" viewTransition>Team</Link>{' '}
      <Link to="/team/7">Ada</Link> <Link to="/list?sort=name">List</Link>{' '}
      <Link to="/moved">Moved</Link> <Link to="/guarded">Guarded</Link>{' '}
      <Link to="/nowhere">Nowhere</Link> <Link to="/contact">Contact</Link>{' '}
      <Link to="/lazy">Lazy</Link> <Link to="/long#part">Part</Link>{' '}
      <button onClick={() => navigate('/team', { replace: true })}>Replace</button>{' '}
      <button onClick={() => window.liveinsight('signup', { plan: 'pro' })}>Sign up</button>
    </nav>
    <Outlet />
    <ScrollRestoration />
    <footer>{ready}</footer>
  </>
}

function Team() {
  const members = useLoaderData()
  return <Page title="Team">{members.join(', ')}</Page>
}

function Member() {
  const { id } = useParams()
  return <Page title={`Member ${id}`} />
}

function List() {
  const [search, setSearch] = useSearchParams()
  return <Page title="List">
    <p>Sorted by {search.get('sort')}</p>
    <button onClick={() => setSearch({ sort: 'age' })}>By age</button>{' '}
    <button onClick={() => setSearch({ sort: 'height' }, { replace: true })}>By height</button>
  </Page>
}

function Contact() {
  return <Page title="Contact">
    <Form method="post"><input name="message" /><button>Send</button></Form>
  </Page>
}

function Long() {
  return <Page title="Long">
    <div style={{ height: '300vh' }} /><p id="part">The part</p><a href="#end">End</a><p id="end" />
  </Page>
}

const router = createBrowserRouter([{
  path: '/',
  element: <Root />,
  children: [
    { index: true, element: <Page title="Home" /> },
    { path: 'team', element: <Team />, loader: () => later(['Ada', 'Grace']) },
    { path: 'team/:id', element: <Member /> },
    { path: 'list', element: <List /> },
    { path: 'moved', loader: () => redirect('/team') },
    { path: 'guarded', element: <Navigate to="/contact" replace /> },
    { path: 'contact', element: <Contact />, action: async () => redirect(await later('/thanks')) },
    { path: 'thanks', element: <Page title="Thanks" /> },
    { path: 'lazy', lazy: () => import('./lazy.jsx') },
    { path: 'long', element: <Long /> },
    { path: '*', element: <Page title="Not found" /> }
  ]
}], { basename: '/react' })

createRoot(document.getElementById('root')).render(
  <StrictMode><RouterProvider router={router} /></StrictMode>
)
