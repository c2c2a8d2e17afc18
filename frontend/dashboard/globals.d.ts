// The name of the built views.css, with its hash; the build fills it in.
declare const VIEWS_CSS: string
