export const generateStaticParams = () => [{ id: '7' }, { id: '8' }]

export async function generateMetadata({ params }) {
  return { title: `Member ${(await params).id}` }
}

export default async function Member({ params }) {
  return <h1>Member {(await params).id}</h1>
}
