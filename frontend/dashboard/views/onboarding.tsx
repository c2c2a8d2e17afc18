// Placeholder until the view lands.
export const Onboarding = () => null
