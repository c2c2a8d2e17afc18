'use client'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'

export default function Guarded() {
  const router = useRouter()
  useEffect(() => router.replace('/team'), [router])
  return null
}
