export const metadata = { title: 'Long' }

export default () => <><h1>Long</h1><div style={{ height: '300vh' }} /><p id="part">The part</p></>
