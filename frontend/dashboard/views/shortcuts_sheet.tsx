// Placeholder until the view lands.
export const ShortcutsSheet = () => null
