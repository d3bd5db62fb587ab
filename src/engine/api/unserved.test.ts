import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import document from '../../../scripts/data/api-operations.json';
import { RunningEngine } from '../../../tests/support/running-engine.ts';
import { unserved } from './unserved.ts';

let engine: RunningEngine;
beforeAll(async () => void (engine = await RunningEngine.start()));
afterAll(() => engine[Symbol.asyncDispose]());

interface Operation {
  readonly method: string;
  readonly path: string;
}

const operations = document.operations.map(({ operation }) => split(operation));

function split(operation: string): Operation {
  const [method = '', path = ''] = operation.split(' ');
  return { method, path };
}

/** A path that nothing lies at. */
function example({ path }: Operation): string {
  return path.replaceAll(/\{\w+\}/g, 'nothing');
}

describe('an operation of the document', () => {
  test('never is an unknown page', async () => {
    const unknown: string[] = [];
    for (const operation of operations) {
      // These wait for what a client says, or read for ever.
      if (operation.path === '/events') continue;
      const response = await engine.fetch(operation.method, `/v1.50${example(operation)}`);
      const text = operation.method === 'HEAD' ? '' : await response.text();
      if (text.includes('page not found')) unknown.push(`${operation.method} ${operation.path}`);
    }
    expect(unknown).toEqual([]);
  });

  test('that is not served answers with its status and a sentence', async () => {
    const answers = new Map<string, string>();
    for (const operation of unserved.flatMap((entry) => entry.operations).map(split)) {
      if (operation.method === 'HEAD') continue;
      const { status, body } = await engine.call(operation.method, example(operation));
      answers.set(`${operation.method} ${operation.path}`, `${status} ${body.message}`);
    }
    const notManager =
      '503 This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';
    expect(answers.get('GET /services')).toBe(notManager);
    expect(answers.get('POST /secrets/{id}/update')).toBe(notManager);
    expect(answers.get('POST /swarm/leave')).toBe('503 This node is not part of a swarm');
    expect(answers.get('POST /swarm/init')).toStartWith('501 cais has no swarm');
    expect(answers.get('DELETE /plugins/{name}')).toBe('404 plugin "nothing" not found');
    expect(answers.get('POST /plugins/pull')).toStartWith('501 cais has no plugins');
    expect(answers.get('POST /session')).toStartWith('501 cais does not serve BuildKit');
    for (const answer of answers.values()) expect(answer).toMatch(/^(404|501|503) \S/);
  });

  test('that takes the connection over is refused over an upgrade, too', async () => {
    const stream = await engine.hijack('/session', '', 'Connection: Upgrade\r\nUpgrade: h2c\r\n');
    expect(stream.answer).toStartWith('HTTP/1.1 501 ');
  });
});

describe('what the document does not have', () => {
  test('is an unknown page, also a known path by another method', async () => {
    for (const [method, path] of [
      ['GET', '/nope'],
      ['POST', '/info'],
      ['DELETE', '/_ping'],
      ['PUT', '/v1.41/containers/json'],
      ['GET', '/v1.41'],
      ['GET', '/version/'],
    ] as const) {
      const { status, body } = await engine.call(method, path);
      expect([method, path, status, body.message]).toEqual([method, path, 404, 'page not found']);
    }
  });

  test('a version that is not served is refused before the page is looked for', async () => {
    const messageOf = async (path: string): Promise<string> => {
      const { status, body } = await engine.call('GET', path);
      return `${status} ${body.message}`;
    };
    expect(await messageOf('/v1.23/info')).toBe(
      '400 client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
    );
    expect(await messageOf('/v1.51/nope')).toBe(
      '400 client version 1.51 is too new. Maximum supported API version is 1.50',
    );
    expect(await messageOf('/v2/info')).toContain('client version 2 is too new');
  });
});
