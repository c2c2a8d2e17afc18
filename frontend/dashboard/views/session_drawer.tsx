// Placeholder until the view lands.
export const SessionDrawer = () => null
