/** What a build makes of a Dockerfile, what it takes from its cache, and what it warns of. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { build, buildClassic, cachedSteps, imageOf, outputOf } from '../support/build-request.ts';
import { Builder, failureOf, offline } from '../support/builder.ts';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

let builder: Builder;
beforeAll(async () => void (builder = await Builder.start()));
afterAll(() => builder[Symbol.asyncDispose]());

describe('a build', () => {
  test('copies, runs and configures', async () => {
    const dockerfile = `
FROM busybox
ENV GREETING=hello
COPY name.txt /etc/name
RUN echo $GREETING $(cat /etc/name) > /said
WORKDIR /work/here
CMD ["cat", "/said"]`;
    const image = imageOf(
      await builder.build(dockerfile, { 'name.txt': 'world\n' }, { query: { t: 'said' } }),
    );
    expect(await builder.printed('said', ['cat', '/said', '/etc/name'])).toBe('hello world\nworld\n');
    const { Id, Config } = await builder.inspect('said:latest');
    expect(Id).toBe(image);
    expect(Config['WorkingDir']).toBe('/work/here');
    expect(Config['Cmd']).toEqual(['cat', '/said']);
    expect(Config['Env']).toEqual(expect.arrayContaining(['GREETING=hello']));
    expect(await builder.printed(image, ['pwd'])).toBe('/work/here\n');
  });

  test('builds only the stages that it needs', async () => {
    const events = await builder.build(`
FROM busybox AS unused
RUN exit 9
FROM busybox AS source
RUN echo made > /made
FROM busybox
COPY --from=source /made /taken`);
    expect(await builder.printed(imageOf(events), ['cat', '/taken'])).toBe('made\n');
    expect(Object.keys(cachedSteps(events))).not.toContain('RUN exit 9');
  });

  test('runs independent stages at the same time: each waits for a sign of the other', async () => {
    const meet = (own: string, other: string): string =>
      `RUN --mount=type=cache,target=/meet touch /meet/${own}; n=0; until [ -e /meet/${other} ]; do sleep 0.1; n=$((n+1)); [ $n -lt 600 ] || exit 1; done; echo met > /met`;
    const events = await builder.build(`
FROM busybox AS one
${meet('one', 'two')}
FROM busybox AS two
${meet('two', 'one')}
FROM busybox
COPY --from=one /met /one
COPY --from=two /met /two`);
    expect(await builder.printed(imageOf(events), ['cat', '/one', '/two'])).toBe('met\nmet\n');
  });

  test('does the same step of two stages once', async () => {
    const step =
      'RUN --mount=type=cache,id=count,target=/count echo x >> /count/lines; cat /count/lines | wc -l > /n';
    const events = await builder.build(`
FROM busybox AS one
${step}
FROM busybox AS two
${step}
FROM busybox
COPY --from=one /n /one
COPY --from=two /n /two`);
    expect(await builder.printed(imageOf(events), ['cat', '/one', '/two'])).toBe('1\n1\n');
  });

  test('takes arguments, and warns of those that nobody asks for', async () => {
    const args = { version: '2', unused: 'x', HTTP_PROXY: 'http://127.0.0.1:9' };
    const events = await builder.build(
      'ARG version=1\nFROM busybox\nARG version\nARG late=$version-late\nRUN echo $version $late $HTTP_PROXY',
      {},
      { query: { buildargs: JSON.stringify(args) } },
    );
    expect(outputOf(events)).toBe('2 2-late http://127.0.0.1:9\n');
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    expect(warnings).toEqual(['One or more build-args [unused] were not consumed']);
    const history = await (await builder.engine.fetch('GET', `/images/${imageOf(events)}/history`)).text();
    expect(history).not.toContain('127.0.0.1:9');
  });

  test('runs the triggers of its base', async () => {
    await builder.build(
      'FROM busybox\nONBUILD COPY x /x\nONBUILD RUN cat /x > /y',
      {},
      { query: { t: 'trigger' } },
    );
    const events = await builder.build('FROM trigger\nRUN cat /y', { x: 'triggered\n' });
    expect(outputOf(events)).toBe('triggered\n');
    expect((await builder.inspect(imageOf(events))).Config['OnBuild'] ?? null).toBeNull();
  });

  test('reads scripts and files that stand in the Dockerfile', async () => {
    const events = await builder.build(`
FROM busybox
RUN <<EOF
echo one
echo two
EOF
RUN <<'EOF'
#!/bin/sh
echo script $0
EOF
COPY <<EOF /inline
text
EOF
RUN cat /inline`);
    expect(outputOf(events)).toBe('one\ntwo\nscript /dev/pipes/EOF\ntext\n');
  });
});

describe('the cache', () => {
  const dockerfile = 'FROM busybox\nCOPY a /a\nRUN cat /a';
  const first = { a: ['text', 0o644, 1_000_000_000] as const };
  const run = 'RUN cat /a';

  test('knows content and mode, and no times', async () => {
    await builder.build(dockerfile, first);
    expect(cachedSteps(await builder.build(dockerfile, first))[run]).toBe(true);
    const touched = { a: ['text', 0o644, 1_100_000_000] as const };
    expect(cachedSteps(await builder.build(dockerfile, touched))[run]).toBe(true);
    const executable = { a: ['text', 0o755, 1_000_000_000] as const };
    expect(cachedSteps(await builder.build(dockerfile, executable))[run]).toBe(false);
    const other = { a: ['other', 0o644, 1_000_000_000] as const };
    expect(cachedSteps(await builder.build(dockerfile, other))[run]).toBe(false);
  });

  test('gives the same image again', async () => {
    const image = imageOf(await builder.build(`${dockerfile}\nENV late=1`, first));
    expect(imageOf(await builder.build(`${dockerfile}\nENV late=1`, first))).toBe(image);
  });

  test('is not asked where that is wished, for all or for a stage', async () => {
    await builder.build(dockerfile, first);
    expect(cachedSteps(await builder.build(dockerfile, first, { query: { nocache: '1' } }))[run]).toBe(false);
    const named = 'FROM busybox AS some\nRUN echo 1\nFROM some AS other\nRUN echo 2';
    await builder.build(named);
    const cached = cachedSteps(await builder.build(named, {}, { query: { nocachefilter: 'other' } }));
    expect(cached).toMatchObject({ 'RUN echo 1': true, 'RUN echo 2': false });
  });

  test('a variable that a RUN can see counts, one that comes later does not', async () => {
    const before = (value: string): string => `FROM busybox\nENV v=${value}\nRUN echo before`;
    const after = (value: string): string => `FROM busybox\nRUN echo after\nENV v=${value}`;
    await builder.build(before('1'));
    await builder.build(after('1'));
    expect(cachedSteps(await builder.build(before('2')))['RUN echo before']).toBe(false);
    expect(cachedSteps(await builder.build(after('2')))['RUN echo after']).toBe(true);
  });
});

describe('SOURCE_DATE_EPOCH', () => {
  test('gives the same image on another engine, byte for byte', async () => {
    const dockerfile = `
FROM busybox
ARG SOURCE_DATE_EPOCH
COPY a /a
RUN mkdir -p /made/here && echo same > /made/here/file
WORKDIR /w
LABEL b=2 a=1`;
    const query = { buildargs: JSON.stringify({ SOURCE_DATE_EPOCH: '1700000000' }), ...offline };
    const files = { Dockerfile: dockerfile, a: ['a', 0o644, 1_800_000_000] as const };
    const here = imageOf(await build(builder.engine, files, { query }));
    await using other = await RunningEngine.start();
    // Its own busybox is not the same one.
    const base = await (await builder.engine.fetch('GET', '/images/busybox/get')).blob();
    await (
      await fetch('http://engine/images/load', { unix: other.socketPath, method: 'POST', body: base })
    ).text();
    expect(imageOf(await build(other, files, { query }))).toBe(here);
    expect(imageOf(await build(builder.engine, files, { query: { ...query, nocache: '1' } }))).toBe(here);
  });
});

describe('what is doubtful in a Dockerfile', () => {
  const text = 'from busybox\nRUN true\n';

  test('is told, and the build goes on', async () => {
    const events = await builder.build(text);
    expect(events.filter(({ type }) => type === 'warning')).toEqual([
      {
        type: 'warning',
        rule: 'ConsistentInstructionCasing',
        message: expect.stringContaining("'from'"),
        url: expect.stringContaining('/consistent-instruction-casing/'),
        lines: { first: 1, last: 1 },
      },
    ]);
    expect(events.at(-1)?.type).toBe('image');
  });

  test('fails it where the file says so', async () => {
    const events = await builder.build(`# check=error=true\n${text}`);
    expect(failureOf(events).message).toContain(
      'lint violation found for rules: ConsistentInstructionCasing',
    );
  });

  test('is not said in the classic words', async () => {
    expect(JSON.stringify(await buildClassic(builder.engine, { Dockerfile: text }))).not.toContain('arning');
  });
});

test('a cache of a kind that is not served is refused, not ignored', async () => {
  const answer = await builder.engine.call('POST', '/cais/build?cacheto=type=gha');
  expect(answer).toMatchObject({
    status: 501,
    body: { message: expect.stringContaining('cache of type gha is not supported') },
  });
});
