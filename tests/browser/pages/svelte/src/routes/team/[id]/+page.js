export const prerender = false
