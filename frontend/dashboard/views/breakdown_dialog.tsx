// Placeholder until the view lands.
export const BreakdownDialog = () => null
