import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { BuildEvent } from '../../src/engine-api/build.ts';
import {
  build,
  buildClassic,
  type BuildOptions,
  cachedSteps,
  type ContextFiles,
  imageOf,
  outputOf,
  post,
} from '../support/build-request.ts';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

let engine: RunningEngine;
beforeAll(async () => void (engine = await RunningEngine.start()));
afterAll(() => engine[Symbol.asyncDispose]());

const offline = { networkmode: 'none' };

/** A Dockerfile with files beside it, built without a network. */
function built(
  dockerfile: string,
  files: ContextFiles = {},
  { query, ...options }: BuildOptions = {},
): Promise<readonly BuildEvent[]> {
  return build(engine, { Dockerfile: dockerfile, ...files }, { query: { ...offline, ...query }, ...options });
}

/** What a command prints in a container of the image. */
async function printed(image: string, command: readonly string[]): Promise<string> {
  const id = await engine.run(command, { Image: image });
  await engine.wait(id);
  const logs = await engine.fetch('GET', `/containers/${id}/logs?stdout=1`);
  const frames = Buffer.from(await logs.arrayBuffer());
  let text = '';
  for (let at = 0; at < frames.length;) {
    const length = frames.readUInt32BE(at + 4);
    text += frames.toString('utf8', at + 8, at + 8 + length);
    at += 8 + length;
  }
  return text;
}

interface Inspected {
  readonly Id: string;
  readonly Config: Readonly<Record<string, unknown>>;
  readonly RootFS: { readonly Layers: readonly string[] };
}

async function inspect(image: string): Promise<Inspected> {
  return (await engine.call('GET', `/images/${image}/json`)).body as unknown as Inspected;
}

function failureOf(events: readonly BuildEvent[]): Extract<BuildEvent, { type: 'failed' }> {
  const last = events.at(-1);
  if (last?.type === 'failed') return last;
  throw new TypeError(JSON.stringify(events));
}

async function containerCount(): Promise<number> {
  return ((await engine.call('GET', '/containers/json?all=1')).body as unknown as unknown[]).length;
}

describe('a build', () => {
  test('copies, runs and configures', async () => {
    const dockerfile = `
FROM busybox
ENV GREETING=hello
COPY name.txt /etc/name
RUN echo $GREETING $(cat /etc/name) > /said
WORKDIR /work/here
CMD ["cat", "/said"]`;
    const image = imageOf(await built(dockerfile, { 'name.txt': 'world\n' }, { query: { t: 'said' } }));
    expect(await printed('said', ['cat', '/said', '/etc/name'])).toBe('hello world\nworld\n');
    const { Id, Config } = await inspect('said:latest');
    expect(Id).toBe(image);
    expect(Config['WorkingDir']).toBe('/work/here');
    expect(Config['Cmd']).toEqual(['cat', '/said']);
    expect(Config['Env']).toEqual(expect.arrayContaining(['GREETING=hello']));
    expect(await printed(image, ['pwd'])).toBe('/work/here\n');
  });

  test('builds only the stages that it needs', async () => {
    const events = await built(`
FROM busybox AS unused
RUN exit 9
FROM busybox AS source
RUN echo made > /made
FROM busybox
COPY --from=source /made /taken`);
    expect(await printed(imageOf(events), ['cat', '/taken'])).toBe('made\n');
    expect(Object.keys(cachedSteps(events))).not.toContain('RUN exit 9');
  });

  test('runs independent stages at the same time: each waits for a sign of the other', async () => {
    const meet = (own: string, other: string): string =>
      `RUN --mount=type=cache,target=/meet touch /meet/${own}; n=0; until [ -e /meet/${other} ]; do sleep 0.1; n=$((n+1)); [ $n -lt 600 ] || exit 1; done; echo met > /met`;
    const events = await built(`
FROM busybox AS one
${meet('one', 'two')}
FROM busybox AS two
${meet('two', 'one')}
FROM busybox
COPY --from=one /met /one
COPY --from=two /met /two`);
    expect(await printed(imageOf(events), ['cat', '/one', '/two'])).toBe('met\nmet\n');
  });

  test('does the same step of two stages once', async () => {
    const step =
      'RUN --mount=type=cache,id=count,target=/count echo x >> /count/lines; cat /count/lines | wc -l > /n';
    const events = await built(`
FROM busybox AS one
${step}
FROM busybox AS two
${step}
FROM busybox
COPY --from=one /n /one
COPY --from=two /n /two`);
    expect(await printed(imageOf(events), ['cat', '/one', '/two'])).toBe('1\n1\n');
  });

  test('takes arguments, and warns of those that nobody asks for', async () => {
    const args = { version: '2', unused: 'x', HTTP_PROXY: 'http://127.0.0.1:9' };
    const events = await built(
      'ARG version=1\nFROM busybox\nARG version\nARG late=$version-late\nRUN echo $version $late $HTTP_PROXY',
      {},
      { query: { buildargs: JSON.stringify(args) } },
    );
    expect(outputOf(events)).toBe('2 2-late http://127.0.0.1:9\n');
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    expect(warnings).toEqual(['One or more build-args [unused] were not consumed']);
    const history = await (await engine.fetch('GET', `/images/${imageOf(events)}/history`)).text();
    expect(history).not.toContain('127.0.0.1:9');
  });

  test('runs the triggers of its base', async () => {
    await built('FROM busybox\nONBUILD COPY x /x\nONBUILD RUN cat /x > /y', {}, { query: { t: 'trigger' } });
    const events = await built('FROM trigger\nRUN cat /y', { x: 'triggered\n' });
    expect(outputOf(events)).toBe('triggered\n');
    expect((await inspect(imageOf(events))).Config['OnBuild'] ?? null).toBeNull();
  });

  test('reads scripts and files that stand in the Dockerfile', async () => {
    const events = await built(`
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
    await built(dockerfile, first);
    expect(cachedSteps(await built(dockerfile, first))[run]).toBe(true);
    const touched = { a: ['text', 0o644, 1_100_000_000] as const };
    expect(cachedSteps(await built(dockerfile, touched))[run]).toBe(true);
    const executable = { a: ['text', 0o755, 1_000_000_000] as const };
    expect(cachedSteps(await built(dockerfile, executable))[run]).toBe(false);
    const other = { a: ['other', 0o644, 1_000_000_000] as const };
    expect(cachedSteps(await built(dockerfile, other))[run]).toBe(false);
  });

  test('gives the same image again', async () => {
    const image = imageOf(await built(`${dockerfile}\nENV late=1`, first));
    expect(imageOf(await built(`${dockerfile}\nENV late=1`, first))).toBe(image);
  });

  test('is not asked where that is wished, for all or for a stage', async () => {
    await built(dockerfile, first);
    expect(cachedSteps(await built(dockerfile, first, { query: { nocache: '1' } }))[run]).toBe(false);
    const named = 'FROM busybox AS some\nRUN echo 1\nFROM some AS other\nRUN echo 2';
    await built(named);
    const cached = cachedSteps(await built(named, {}, { query: { nocachefilter: 'other' } }));
    expect(cached).toMatchObject({ 'RUN echo 1': true, 'RUN echo 2': false });
  });

  test('a variable that a RUN can see counts, one that comes later does not', async () => {
    const before = (value: string): string => `FROM busybox\nENV v=${value}\nRUN echo before`;
    const after = (value: string): string => `FROM busybox\nRUN echo after\nENV v=${value}`;
    await built(before('1'));
    await built(after('1'));
    expect(cachedSteps(await built(before('2')))['RUN echo before']).toBe(false);
    expect(cachedSteps(await built(after('2')))['RUN echo after']).toBe(true);
  });
});

describe('mounts of a RUN', () => {
  test('binds of the context and of stages; what is written to them is nobody’s', async () => {
    const events = await built(
      `
FROM busybox AS source
RUN echo staged > /staged
FROM busybox
RUN --mount=target=/ctx --mount=from=source,source=/staged,target=/staged cat /ctx/a /staged
RUN --mount=target=/ctx,rw --mount=from=source,target=/src,rw echo changed | tee /ctx/a /src/staged
RUN --mount=target=/ctx --mount=from=source,target=/src cat /ctx/a /src/staged`,
      { a: 'context\n' },
    );
    expect(outputOf(events)).toBe('context\nstaged\nchanged\ncontext\nstaged\n');
    expect(await printed(imageOf(events), ['ls', '/'])).not.toContain('ctx');
  });

  test('caches outlive the build', async () => {
    const step = (text: string): string =>
      `FROM busybox\nRUN --mount=type=cache,id=outlives,target=/c,mode=0750,uid=7 echo ${text} >> /c/f; cat /c/f; stat -c %a:%u /c`;
    expect(outputOf(await built(step('one')))).toBe('one\n750:7\n');
    expect(outputOf(await built(step('two')))).toBe('one\ntwo\n750:7\n');
  });

  test('a tmpfs is empty and leaves nothing', async () => {
    const events = await built('FROM busybox\nRUN --mount=type=tmpfs,target=/t ls /t; touch /t/x; echo done');
    expect(outputOf(events)).toBe('done\n');
    expect((await inspect(imageOf(events))).RootFS.Layers).toHaveLength(1);
  });

  test('without a network there is none', async () => {
    expect(outputOf(await built('FROM busybox\nRUN --network=none ls /sys/class/net'))).toBe('lo\n');
  });

  test('a privileged command has to be allowed', async () => {
    const dockerfile =
      'FROM busybox\nRUN --security=insecure mount -t tmpfs tmpfs /mnt 2>/dev/null || mount -t tmpfs t /tmp; echo mounted';
    expect(failureOf(await built(dockerfile)).message).toBe('security.insecure is not allowed');
    expect(outputOf(await built(dockerfile, {}, { query: { allow: 'security.insecure' } }))).toBe(
      'mounted\n',
    );
  });
});

describe('secrets', () => {
  const secret = 'hidden-9f1c7a52e3';

  async function session(value: string): Promise<string> {
    const offer = { secrets: { token: Buffer.from(value).toString('base64') } };
    const { body } = await engine.call('POST', '/cais/build-sessions', offer);
    return (body as unknown as { id: string }).id;
  }

  test('are there for the command, and found nowhere afterwards', async () => {
    const dockerfile = `
FROM busybox
RUN --mount=type=secret,id=token,uid=3,mode=0440 stat -c %a:%u /run/secrets/token; wc -c < /run/secrets/token
RUN --mount=type=secret,id=token,env=TOKEN echo \${#TOKEN} | tee /length`;
    const events = await built(dockerfile, {}, { query: { session: await session(secret) } });
    const { length } = secret;
    expect(outputOf(events)).toBe(`440:3\n${length}\n${length}\n`);
    expect(await printed(imageOf(events), ['ls', '/'])).not.toContain('run');
    await engine.close();
    const { dataDirectory, runDirectory } = engine.config;
    const found = Bun.spawnSync(['grep', '-rlaF', secret, dataDirectory, runDirectory]);
    await engine.open();
    expect(found.stdout.toString()).toBe('');
  });

  test('are in no key: with another value it is the same step', async () => {
    const dockerfile = 'FROM busybox\nRUN --mount=type=secret,id=token wc -c < /run/secrets/token > /n';
    await built(dockerfile, {}, { query: { session: await session('one') } });
    const again = await built(dockerfile, {}, { query: { session: await session('another') } });
    expect(Object.values(cachedSteps(again)).at(-1)).toBe(true);
  });

  test('one that has to be there and is not fails the build', async () => {
    const events = await built('FROM busybox\nRUN --mount=type=secret,id=none,required true');
    expect(failureOf(events).message).toBe('secret none: not found');
  });
});

describe('ssh', () => {
  test('an agent is a socket of the command’s, and leaves nothing', async () => {
    const { body } = await engine.call('POST', '/cais/build-sessions', { ssh: ['default'] });
    const { id } = body as unknown as { id: string };
    const dockerfile =
      'FROM busybox\nRUN --mount=type=ssh,mode=0666 test -S $SSH_AUTH_SOCK && stat -c %a:%n $SSH_AUTH_SOCK';
    const events = await built(dockerfile, {}, { query: { session: id } });
    expect(outputOf(events)).toBe('666:/run/buildkit/ssh_agent.0\n');
    expect((await inspect(imageOf(events))).RootFS.Layers).toHaveLength(1);
  });

  test('without an agent there is none, unless it has to be there', async () => {
    const optional = await built('FROM busybox\nRUN --mount=type=ssh echo "[$SSH_AUTH_SOCK]"');
    expect(outputOf(optional)).toBe('[]\n');
    const required = await built('FROM busybox\nRUN --mount=type=ssh,required true');
    expect(failureOf(required).message).toBe('unset ssh forward key default');
  });
});

describe('a build that fails', () => {
  test('says where, why and with what code, and leaves no container', async () => {
    const before = await containerCount();
    const failure = failureOf(await built('FROM busybox\nENV a=b\nRUN echo out; \\\n  exit 7\nRUN true'));
    expect(failure.message).toMatch(
      /^process "\/bin\/sh -c echo out; +exit 7" did not complete successfully: exit code: 7$/,
    );
    expect(failure).toMatchObject({ code: 7, lines: { first: 3, last: 4 } });
    expect(failure.source?.filter(({ marked }) => marked).map(({ line }) => line)).toEqual([3, 4]);
    expect(await containerCount()).toBe(before);
  });

  test('keeps the container of the step where that is asked for', async () => {
    const dockerfile = 'FROM busybox\nRUN echo kept > /kept; exit 1';
    const { container } = failureOf(await built(dockerfile, {}, { query: { debug: '1' } }));
    const { status } = await engine.call('GET', `/containers/${container}/json`);
    await engine.call('DELETE', `/containers/${container}`);
    expect(status).toBe(200);
  });

  test('ends the other stages', async () => {
    const events = await built(`
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
    const failure = failureOf(await built('FROM busybox\nRUN true\nCOPPY a b'));
    expect(failure.message).toContain('unknown instruction: COPPY');
    expect(failure.lines).toEqual({ first: 3, last: 3 });
  });

  test('names a file that is not there', async () => {
    const failure = failureOf(await built('FROM busybox\nCOPY missing /x'));
    expect(failure.message).toContain('"/missing": not found');
    expect(failure.lines).toEqual({ first: 2, last: 2 });
  });

  test('stops when its client goes, and cleans up', async () => {
    const before = await containerCount();
    const gone = new AbortController();
    const files = { Dockerfile: 'FROM busybox\nRUN echo begun; sleep 300' };
    const response = await post(engine, '/cais/build', files, { query: offline, signal: gone.signal });
    const reader = response.body?.getReader();
    for (let text = ''; !text.includes('begun\\n');) {
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) throw new TypeError(text);
      text += Buffer.from(value).toString();
    }
    gone.abort();
    for (let n = 0; n < 600 && (await containerCount()) > before; n++) await Bun.sleep(50);
    expect(await containerCount()).toBe(before);
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
    const here = imageOf(await build(engine, files, { query }));
    await using other = await RunningEngine.start();
    // Its own busybox is not the same one.
    const base = await (await engine.fetch('GET', '/images/busybox/get')).blob();
    await (
      await fetch('http://engine/images/load', { unix: other.socketPath, method: 'POST', body: base })
    ).text();
    expect(imageOf(await build(other, files, { query }))).toBe(here);
    expect(imageOf(await build(engine, files, { query: { ...query, nocache: '1' } }))).toBe(here);
  });
});

describe('POST /build', () => {
  test('answers in the words of docker’s classic builder', async () => {
    const dockerfile = 'ARG base=busybox\nFROM $base AS one\nRUN echo hi\nFROM one\nENV a=b';
    const query = { ...offline, t: 'classic' };
    const { text, lines } = await buildClassic(engine, { Dockerfile: dockerfile }, { query });
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
    await buildClassic(engine, files, { query: offline });
    const { text } = await buildClassic(engine, files, { query: offline });
    expect(text).toContain('Step 2/2 : RUN echo cached > /cached\n ---> Using cache\n ---> ');
  });

  test('tells a failing command with its code', async () => {
    const files = { Dockerfile: 'FROM busybox\nRUN exit 7' };
    const { lines } = await buildClassic(engine, files, { query: offline });
    const message = "The command '/bin/sh -c exit 7' returned a non-zero code: 7";
    expect(lines.at(-1)).toEqual({ errorDetail: { message, code: 7 }, error: message });
  });

  test('answers an unreadable Dockerfile with a status', async () => {
    const response = await post(engine, '/build', { Dockerfile: 'FROM' }, {});
    expect(response.status).toBe(400);
    await response.text();
  });

  test('gives only the id where it is to be quiet', async () => {
    const files = { Dockerfile: 'FROM busybox\nRUN echo quiet' };
    const { lines } = await buildClassic(engine, files, { query: { ...offline, q: '1' } });
    expect(lines).toEqual([{ stream: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/) }]);
  });

  test('does not take BuildKit’s', async () => {
    const response = await post(
      engine,
      '/build',
      { Dockerfile: 'FROM busybox' },
      { query: { version: '2' } },
    );
    expect(response.status).toBe(501);
    await response.text();
  });
});

describe('what is doubtful in a Dockerfile', () => {
  const text = 'from busybox\nRUN true\n';

  test('is told, and the build goes on', async () => {
    const events = await built(text);
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
    const events = await built(`# check=error=true\n${text}`);
    expect(failureOf(events).message).toContain(
      'lint violation found for rules: ConsistentInstructionCasing',
    );
  });

  test('is not said in the classic words', async () => {
    expect(JSON.stringify(await buildClassic(engine, { Dockerfile: text }))).not.toContain('arning');
  });
});

test('a cache of a kind that is not served is refused, not ignored', async () => {
  const answer = await engine.call('POST', '/cais/build?cacheto=type=gha');
  expect(answer).toMatchObject({
    status: 501,
    body: { message: expect.stringContaining('cache of type gha is not supported') },
  });
});
