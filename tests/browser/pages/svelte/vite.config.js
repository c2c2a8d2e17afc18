import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'

export default {
  plugins: [sveltekit({
    adapter: adapter({ pages: 'dist', assets: 'dist', fallback: 'shell.html' }),
    paths: { base: '/svelte', relative: false },
    prerender: { handleHttpError: 'ignore' }
  })]
}
