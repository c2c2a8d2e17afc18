export default {
  output: 'export',
  distDir: 'dist',
  basePath: '/next',
  reactStrictMode: true,
  images: { unoptimized: true }
}
