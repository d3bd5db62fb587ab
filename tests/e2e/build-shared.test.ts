/** Two builds at the same step, and the client of the one that began it goes away. Runs as root. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, type ContextFiles, imageOf, post } from '../support/build-request.ts';
import { eventually } from '../support/eventually.ts';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

let engine: RunningEngine;
beforeAll(async () => void (engine = await RunningEngine.start()));
afterAll(() => engine[Symbol.asyncDispose]());

const query = { networkmode: 'none' };

const gate = 'RUN --mount=type=cache,id=gate,target=/gate';

/** A step that has read its source when the gate is open, and not before. */
const files = {
  Dockerfile: `FROM busybox
${gate} --mount=type=bind,target=/src \
  echo begun; n=0; until [ -e /gate/open ]; do sleep 0.1; n=$((n+1)); [ $n -lt 600 ] || exit 1; done; cat /src/file`,
  file: 'what the context holds',
};

interface Begun {
  /** All that the build says. */
  readonly whole: Promise<string>;
}

/** A build whose step has begun. */
async function begin(context: ContextFiles, signal?: AbortSignal): Promise<Begun> {
  const response = await post(engine, '/cais/build', context, { query, ...(signal && { signal }) });
  const said = Promise.withResolvers<void>();
  const read = async (): Promise<string> => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes('"text":"begun')) said.resolve();
    }
    return text;
  };
  const whole = read();
  whole.catch(() => undefined);
  await Promise.race([said.promise, whole]);
  return { whole };
}

function contexts(): string[] {
  return readdirSync(join(engine.config.dataDirectory, 'build/contexts'));
}

test('the step goes on with what it has been given, and all of that goes with it', async () => {
  const leaving = new AbortController();
  const first = await begin(files, leaving.signal);
  const second = await begin(files);
  leaving.abort();
  await first.whole.catch(() => undefined);
  const opened = await build(engine, { Dockerfile: `FROM busybox\n${gate} touch /gate/open` }, { query });
  imageOf(opened);
  const said = await second.whole;
  expect(said).toContain('what the context holds');
  expect(said).toContain('"type":"image"');
  await eventually(() => expect(contexts()).toEqual([]));
});
