const thanks = document.querySelector('#thanks')

// The Buy buttons carry data-liveinsight-event; this only says thank you.
for (const button of document.querySelectorAll('[data-liveinsight-event]')) {
  button.addEventListener('click', () => {
    const { product } = JSON.parse(button.dataset.liveinsightProps)
    thanks.hidden = false
    thanks.textContent = `Thank you! The box "${product}" would be on its way.`
  })
}

// An event by a call instead of an attribute.
document.querySelector('#compare').addEventListener('click', () => {
  liveinsight('compare', { boxes: 3 })
  thanks.hidden = false
  thanks.textContent = 'Marigolds want the most sun, salad the least. Herbs take what they get.'
})
