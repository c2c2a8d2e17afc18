// Something that may fail, without an error.

export const attempt = <Args extends unknown[], Result>(
  run: (...args: Args) => Result,
  ...args: Args
): Result | void => {
  try {
    return run(...args)
  } catch {}
}
