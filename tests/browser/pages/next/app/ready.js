'use client'
import { useEffect, useState } from 'react'

export function Ready() {
  const [ready, setReady] = useState('')
  useEffect(() => setReady('Ready'), [])
  return <footer>{ready}</footer>
}
