/** An object of JSON whose fields are yet to be looked at. */
export type JsonFields = Record<string, unknown>

export function fieldsOf(json: unknown): JsonFields | null {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? { ...json } : null
}

export function textIn(fields: JsonFields, name: string): string | null {
  const value = fields[name]
  return typeof value === 'string' ? value : null
}

export function numberIn(fields: JsonFields, name: string): number | null {
  const value = fields[name]
  return typeof value === 'number' ? value : null
}
