/** Builds that fail, or whose client goes: what is said, and that nothing is left. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { post } from '../support/build-request.ts';
import { Builder, failureOf, offline } from '../support/builder.ts';

setDefaultTimeout(120_000);

let builder: Builder;
beforeAll(async () => void (builder = await Builder.start()));
afterAll(() => builder[Symbol.asyncDispose]());

describe('a build that fails', () => {
  test('says where, why and with what code, and leaves no container', async () => {
    const before = await builder.containerCount();
    const failure = failureOf(
      await builder.build('FROM busybox\nENV a=b\nRUN echo out; \\\n  exit 7\nRUN true'),
    );
    expect(failure.message).toMatch(
      /^process "\/bin\/sh -c echo out; +exit 7" did not complete successfully: exit code: 7$/,
    );
    expect(failure).toMatchObject({ code: 7, lines: { first: 3, last: 4 } });
    expect(failure.source?.filter(({ marked }) => marked).map(({ line }) => line)).toEqual([3, 4]);
    expect(await builder.containerCount()).toBe(before);
  });

  test('keeps the container of the step where that is asked for', async () => {
    const dockerfile = 'FROM busybox\nRUN echo kept > /kept; exit 1';
    const { container } = failureOf(await builder.build(dockerfile, {}, { query: { debug: '1' } }));
    const { status } = await builder.engine.call('GET', `/containers/${container}/json`);
    await builder.engine.call('DELETE', `/containers/${container}`);
    expect(status).toBe(200);
  });

  test('ends the other stages', async () => {
    const events = await builder.build(`
FROM busybox AS slow
RUN sleep 300
FROM busybox AS bad
RUN exit 3
FROM busybox
COPY --from=slow / /s
COPY --from=bad / /b`);
    expect(failureOf(events).code).toBe(3);
    expect(events.some((event) => event.type === 'done' && event.canceled)).toBe(true);
  });

  test('names the line of a Dockerfile that cannot be read', async () => {
    const failure = failureOf(await builder.build('FROM busybox\nRUN true\nCOPPY a b'));
    expect(failure.message).toContain('unknown instruction: COPPY');
    expect(failure.lines).toEqual({ first: 3, last: 3 });
  });

  test('names a file that is not there', async () => {
    const failure = failureOf(await builder.build('FROM busybox\nCOPY missing /x'));
    expect(failure.message).toContain('"/missing": not found');
    expect(failure.lines).toEqual({ first: 2, last: 2 });
  });

  test('stops when its client goes, and cleans up', async () => {
    const before = await builder.containerCount();
    const gone = new AbortController();
    const files = { Dockerfile: 'FROM busybox\nRUN echo begun; sleep 300' };
    const response = await post(builder.engine, '/cais/build', files, {
      query: offline,
      signal: gone.signal,
    });
    const reader = response.body?.getReader();
    for (let text = ''; !text.includes('begun\\n');) {
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) throw new TypeError(text);
      text += Buffer.from(value).toString();
    }
    gone.abort();
    for (let n = 0; n < 600 && (await builder.containerCount()) > before; n++) await Bun.sleep(50);
    expect(await builder.containerCount()).toBe(before);
  });
});
