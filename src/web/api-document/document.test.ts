import { describe, expect, test } from 'bun:test';
import { type ApiDocument, type ApiOperation, fieldsOf, groupsOf, typeOf } from './document.ts';

function operation(summary: string, tag: string): ApiOperation {
  return { operationId: summary, tags: [tag], summary, parameters: [], responses: {}, security: [] };
}

const document: ApiDocument = {
  info: { description: '' },
  tags: [{ name: 'Tags' }, { name: 'Search' }],
  paths: {
    '/v2/tags': { get: operation('List tags', 'Tags'), delete: operation('Delete all', 'Tags') },
    '/v1/search': { get: operation('Find', 'Search') },
  },
  components: {
    schemas: {
      Tag: { properties: { name: { type: 'string' }, size: { type: 'integer' } }, required: ['name'] },
    },
  },
};

describe('operations', () => {
  const shown = (filter: string): unknown =>
    groupsOf(document, filter).map(({ name, entries }) => [name, entries.map(({ method }) => method)]);

  test('are grouped in the order of the tags', () => {
    expect(shown('')).toEqual([
      ['Tags', ['GET', 'DELETE']],
      ['Search', ['GET']],
    ]);
  });

  test('are found by words of method, path and summary', () => {
    expect(shown('get tags')).toEqual([['Tags', ['GET']]]);
    expect(shown('FIND')).toEqual([['Search', ['GET']]]);
    expect(shown('nothing')).toEqual([]);
  });
});

describe('schemas', () => {
  test('have their fields, also as entries of a list and where null is possible', () => {
    const tag = { $ref: '#/components/schemas/Tag' };
    for (const schema of [tag, { items: tag }, { anyOf: [tag, { type: 'null' }] }]) {
      expect(fieldsOf(document, schema).map(({ name, isRequired }) => [name, isRequired])).toEqual([
        ['name', true],
        ['size', false],
      ]);
    }
    expect(fieldsOf(document, { type: 'string' })).toEqual([]);
  });

  test.each([
    [{ type: 'string' }, 'string'],
    [{ type: 'string', format: 'date-time' }, 'string (date-time)'],
    [{ $ref: '#/components/schemas/Tag' }, 'Tag'],
    [{ items: { $ref: '#/components/schemas/Tag' } }, 'Tag[]'],
    [{ items: { enum: ['a', 'b'] } }, '("a" | "b")[]'],
    [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, 'integer | null'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ const: 1 }, '1'],
    [{}, 'any'],
  ])('%j is told as %p', (schema, told) => {
    expect(typeOf(schema)).toBe(told);
  });
});
