import type { TopologyFile } from './file.ts'

/** What ajv says of one place; `propertyName` where a key itself is wrong. */
export interface SchemaError {
  instancePath: string
  schemaPath: string
  keyword: string
  params: Record<string, unknown>
  propertyName?: string
}

export const validate: {
  (value: unknown): value is TopologyFile
  errors?: SchemaError[] | null
}
