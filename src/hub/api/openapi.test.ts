import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { apiDocumentPath } from '../../hub-api/document-path.ts';
import { HubFixture } from '../testing/hub-fixture.ts';
import { routes } from './routes.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

interface ApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { operationId: string; security: object[] }>>>
  >;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

async function documentOf(hub: HubFixture): Promise<ApiDocument> {
  const response = await hub.send('GET', apiDocumentPath);
  expect(response.headers.get('Content-Type')).toBe('application/json');
  return (await response.json()) as ApiDocument;
}

describe('the OpenAPI document', () => {
  test('is one', async () => {
    await using hub = await HubFixture.create();
    const document = await documentOf(hub);
    expect(document.openapi).toBe('3.1.1');
    const { valid, errors } = await new Validator().validate({ ...document });
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  test('holds every route once, and every schema that it refers to', async () => {
    await using hub = await HubFixture.create();
    const document = await documentOf(hub);
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids.toSorted()).toEqual(routes.map(({ id }) => id).toSorted());
    expect(new Set(ids).size).toBe(ids.length);
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
    const missing = [...references].filter(([, id = '']) => !(id in document.components.schemas));
    expect(missing).toEqual([]);
  });

  test('names the braces of every path as its parameters', () => {
    for (const route of routes) {
      for (const path of [route.path, ...(route.aliases ?? [])]) {
        const braces = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
        expect([path, Object.keys(route.params?.shape ?? {}).toSorted()]).toEqual([path, braces.toSorted()]);
      }
    }
  });
});

describe('a route that needs a session', () => {
  const resources = new AsyncDisposableStack();
  let hub: HubFixture;

  beforeAll(async () => {
    hub = resources.use(await HubFixture.create('alice'));
    await hub.pushImage('alice', 'alice/app', 'latest');
  });

  afterAll(() => resources.disposeAsync());

  for (const route of routes.filter(({ auth }) => auth === 'required')) {
    test(`refuses nobody in particular: ${route.id}`, async () => {
      const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => examples[name] ?? 'x');
      expect((await hub.send(route.method, path, { body: {} })).status).toBe(401);
    });
  }
});

const examples: Readonly<Record<string, string>> = {
  namespace: 'alice',
  repository: 'app',
  tag: 'latest',
  id: '1',
  group_id: '1',
  username: 'alice',
};
