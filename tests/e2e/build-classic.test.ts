/** `POST /build`, in the words of docker’s classic builder. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { buildClassic, post } from '../support/build-request.ts';
import { Builder, offline } from '../support/builder.ts';

setDefaultTimeout(120_000);

let builder: Builder;
beforeAll(async () => void (builder = await Builder.start()));
afterAll(() => builder[Symbol.asyncDispose]());

describe('POST /build', () => {
  test('answers in the words of docker’s classic builder', async () => {
    const dockerfile = 'ARG base=busybox\nFROM $base AS one\nRUN echo hi\nFROM one\nENV a=b';
    const query = { ...offline, t: 'classic' };
    const { text, lines } = await buildClassic(builder.engine, { Dockerfile: dockerfile }, { query });
    const id = /Successfully built ([0-9a-f]{12})/.exec(text)?.[1];
    expect(text.replaceAll(/[0-9a-f]{12}/g, 'ID')).toBe(
      `Step 1/5 : ARG base=busybox
Step 2/5 : FROM $base AS one
 ---> ID
Step 3/5 : RUN echo hi
 ---> Running in ID
hi
 ---> Removed intermediate container ID
 ---> ID
Step 4/5 : FROM one
 ---> ID
Step 5/5 : ENV a=b
 ---> ID
Successfully built ID
Successfully tagged classic:latest
`,
    );
    expect(lines.flatMap(({ aux }) => aux?.ID.slice(7, 19) ?? []).at(-1)).toBe(id ?? '');
  });

  test('says what came out of the cache', async () => {
    const files = { Dockerfile: 'FROM busybox\nRUN echo cached > /cached' };
    await buildClassic(builder.engine, files, { query: offline });
    const { text } = await buildClassic(builder.engine, files, { query: offline });
    expect(text).toContain('Step 2/2 : RUN echo cached > /cached\n ---> Using cache\n ---> ');
  });

  test('tells a failing command with its code', async () => {
    const files = { Dockerfile: 'FROM busybox\nRUN exit 7' };
    const { lines } = await buildClassic(builder.engine, files, { query: offline });
    const message = "The command '/bin/sh -c exit 7' returned a non-zero code: 7";
    expect(lines.at(-1)).toEqual({ errorDetail: { message, code: 7 }, error: message });
  });

  test('answers an unreadable Dockerfile with a status', async () => {
    const response = await post(builder.engine, '/build', { Dockerfile: 'FROM' }, {});
    expect(response.status).toBe(400);
    await response.text();
  });

  test('gives only the id where it is to be quiet', async () => {
    const files = { Dockerfile: 'FROM busybox\nRUN echo quiet' };
    const { lines } = await buildClassic(builder.engine, files, { query: { ...offline, q: '1' } });
    expect(lines).toEqual([{ stream: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/) }]);
  });

  test('does not take BuildKit’s', async () => {
    const response = await post(
      builder.engine,
      '/build',
      { Dockerfile: 'FROM busybox' },
      { query: { version: '2' } },
    );
    expect(response.status).toBe(501);
    await response.text();
  });
});
