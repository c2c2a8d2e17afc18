// The data- attributes of the tag.

export let options: DOMStringMap

export const readOptions = (dataset: DOMStringMap): unknown => (options = dataset)
