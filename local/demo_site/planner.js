const views = {
  '#/sow': ['Sow', 'March and April: salad first, marigolds after the tenth of April.'],
  '#/grow': ['Grow', 'May to July: ten minutes a day, in the morning.'],
  '#/harvest': ['Harvest', 'From June: herbs daily, salad weekly, seeds in September.']
}

// Show the view that the address names.
const show = () => {
  const [title, text] = views[location.hash] || ['Choose a season', 'Three tabs, three page views.']
  const heading = document.createElement('h2')
  heading.textContent = title
  const paragraph = document.createElement('p')
  paragraph.textContent = text
  document.querySelector('#view').replaceChildren(heading, paragraph)
  document.title = `${title} · Planner · Larkspur`
  for (const tab of document.querySelectorAll('.tabs a')) {
    if (tab.hash === location.hash) tab.setAttribute('aria-current', 'page')
    else tab.removeAttribute('aria-current')
  }
}

addEventListener('hashchange', show)
show()
