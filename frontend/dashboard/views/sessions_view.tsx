// Placeholder until the view lands.
export const SessionsView = () => null
