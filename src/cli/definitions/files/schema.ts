import type { Definition } from '../../definition.ts'

export const schemaCommand: Definition = {
  name: 'schema',
  summary: 'the JSON schema of topology files',
  description: 'Prints the JSON schema (2020-12) of topology files, for editors and other checkers.',
  examples: ['nsctl schema > topology.schema.json'],
  run: async (_values, _options, context) =>
    (await import('../../../commands/files/schema.ts')).schema(context),
}
