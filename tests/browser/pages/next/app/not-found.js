export const metadata = { title: 'Not found' }

export default () => <h1>Not found</h1>
