export const metadata = { title: 'Team' }

export default () => <h1>Team</h1>
