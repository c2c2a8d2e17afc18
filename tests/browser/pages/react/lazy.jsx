import { useEffect, useState } from 'react'

export function Component() {
  const [name, setName] = useState('')
  // In StrictMode this runs, is undone, and runs again.
  useEffect(() => {
    setName('Lazy')
    return () => setName('')
  }, [])
  return <><title>Lazy</title><h1>{name}</h1></>
}
