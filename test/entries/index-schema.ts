/** What plugins.drone.io demands of `content.yaml`. Its list of licences is longer; these are the ones that are known. */
export const indexSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['title', 'author', 'repo', 'description'],
  properties: {
    title: { type: 'string', minLength: 1 },
    author: { type: 'string', minLength: 1 },
    tags: { type: 'array', items: { type: 'string' } },
    logo: { type: 'string', pattern: '\\.(svg|png)$' },
    repo: { type: 'string', format: 'uri' },
    image: { type: 'string', format: 'uri' },
    readme: { type: 'string', format: 'uri' },
    license: {
      enum: ['Apache License 2.0', 'MIT License', 'Blue Oak Model License 1.0.0', 'None'],
    },
    description: { type: 'string', minLength: 1 },
    example: { type: 'string' },
    hide: { type: 'boolean' },
    properties: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['type', 'defaultValue', 'description', 'secret', 'required'],
        properties: {
          type: { enum: ['string', 'number', 'array', 'boolean', 'object'] },
          defaultValue: { type: 'string' },
          description: { type: 'string', minLength: 1 },
          secret: { type: 'boolean' },
          required: { type: 'boolean' },
        },
      },
    },
  },
};
