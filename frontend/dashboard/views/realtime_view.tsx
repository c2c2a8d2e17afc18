// Placeholder until the view lands.
export const RealtimeView = () => null
