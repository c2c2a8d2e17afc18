import { defineConfig } from 'astro/config'

export default defineConfig({
  base: '/astro',
  outDir: 'dist',
  build: { format: 'file' },
  devToolbar: { enabled: false },
  prefetch: { prefetchAll: true, defaultStrategy: 'hover' },
  image: { service: { entrypoint: 'astro/assets/services/noop' } }
})
