// Placeholder until the view lands.
export const SignInView = () => null
