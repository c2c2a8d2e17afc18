// What this browser remembers: settings, such as the theme, that are in no link.

// Storage may be forbidden, as in private windows and embedded pages.
export const withStorage = <T>(
  name: 'localStorage' | 'sessionStorage',
  action: (storage: Storage) => T,
): T | null => {
  try {
    return action(globalThis[name])
  } catch {
    return null
  }
}

type SettingName = 'language' | 'shortcuts' | 'site' | 'theme' | 'zone'

export const getSetting = (name: SettingName): string | null =>
  withStorage('localStorage', (storage) => storage.getItem(`liveinsight.${name}`))

/** Keep a setting; null forgets it. */
export const keepSetting = (name: SettingName, value: string | null): void => {
  const key = `liveinsight.${name}`
  withStorage('localStorage', (storage) =>
    value === null ? storage.removeItem(key) : storage.setItem(key, value),
  )
}
