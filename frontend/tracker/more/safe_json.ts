// JSON on pages whose libraries change what JSON.stringify writes.

/** Write JSON. Old libraries give arrays and objects a toJSON that writes something else. */
export const json = (value: unknown): string =>
  JSON.stringify(value, function (this: Record<string, unknown>, name, part) {
    return this[name] instanceof Date ? part : this[name]
  })
