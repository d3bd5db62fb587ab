/** What a RUN is lent while it runs: mounts, secrets, agents. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { cachedSteps, imageOf, outputOf } from '../support/build-request.ts';
import { Builder, failureOf } from '../support/builder.ts';

setDefaultTimeout(120_000);

let builder: Builder;
beforeAll(async () => void (builder = await Builder.start()));
afterAll(() => builder[Symbol.asyncDispose]());

describe('mounts of a RUN', () => {
  test('binds of the context and of stages; what is written to them is nobody’s', async () => {
    const events = await builder.build(
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
    expect(await builder.printed(imageOf(events), ['ls', '/'])).not.toContain('ctx');
  });

  test('caches outlive the build', async () => {
    const step = (text: string): string =>
      `FROM busybox\nRUN --mount=type=cache,id=outlives,target=/c,mode=0750,uid=7 echo ${text} >> /c/f; cat /c/f; stat -c %a:%u /c`;
    expect(outputOf(await builder.build(step('one')))).toBe('one\n750:7\n');
    expect(outputOf(await builder.build(step('two')))).toBe('one\ntwo\n750:7\n');
  });

  test('a tmpfs is empty and leaves nothing', async () => {
    const events = await builder.build(
      'FROM busybox\nRUN --mount=type=tmpfs,target=/t ls /t; touch /t/x; echo done',
    );
    expect(outputOf(events)).toBe('done\n');
    expect((await builder.inspect(imageOf(events))).RootFS.Layers).toHaveLength(1);
  });

  test('without a network there is none', async () => {
    expect(outputOf(await builder.build('FROM busybox\nRUN --network=none ls /sys/class/net'))).toBe('lo\n');
  });

  test('a privileged command has to be allowed', async () => {
    const dockerfile =
      'FROM busybox\nRUN --security=insecure mount -t tmpfs tmpfs /mnt 2>/dev/null || mount -t tmpfs t /tmp; echo mounted';
    expect(failureOf(await builder.build(dockerfile)).message).toBe('security.insecure is not allowed');
    expect(outputOf(await builder.build(dockerfile, {}, { query: { allow: 'security.insecure' } }))).toBe(
      'mounted\n',
    );
  });
});

describe('secrets', () => {
  const secret = 'hidden-9f1c7a52e3';

  async function session(value: string): Promise<string> {
    const offer = { secrets: { token: Buffer.from(value).toString('base64') } };
    const { body } = await builder.engine.call('POST', '/cais/build-sessions', offer);
    return (body as unknown as { id: string }).id;
  }

  test('are there for the command, and found nowhere afterwards', async () => {
    const dockerfile = `
FROM busybox
RUN --mount=type=secret,id=token,uid=3,mode=0440 stat -c %a:%u /run/secrets/token; wc -c < /run/secrets/token
RUN --mount=type=secret,id=token,env=TOKEN echo \${#TOKEN} | tee /length`;
    const events = await builder.build(dockerfile, {}, { query: { session: await session(secret) } });
    const { length } = secret;
    expect(outputOf(events)).toBe(`440:3\n${length}\n${length}\n`);
    expect(await builder.printed(imageOf(events), ['ls', '/'])).not.toContain('run');
    await builder.engine.close();
    const { dataDirectory, runDirectory } = builder.engine.config;
    const found = Bun.spawnSync(['grep', '-rlaF', secret, dataDirectory, runDirectory]);
    await builder.engine.open();
    expect(found.stdout.toString()).toBe('');
  });

  test('are in no key: with another value it is the same step', async () => {
    const dockerfile = 'FROM busybox\nRUN --mount=type=secret,id=token wc -c < /run/secrets/token > /n';
    await builder.build(dockerfile, {}, { query: { session: await session('one') } });
    const again = await builder.build(dockerfile, {}, { query: { session: await session('another') } });
    expect(Object.values(cachedSteps(again)).at(-1)).toBe(true);
  });

  test('one that has to be there and is not fails the build', async () => {
    const events = await builder.build('FROM busybox\nRUN --mount=type=secret,id=none,required true');
    expect(failureOf(events).message).toBe('secret none: not found');
  });
});

describe('ssh', () => {
  test('an agent is a socket of the command’s, and leaves nothing', async () => {
    const { body } = await builder.engine.call('POST', '/cais/build-sessions', { ssh: ['default'] });
    const { id } = body as unknown as { id: string };
    const dockerfile =
      'FROM busybox\nRUN --mount=type=ssh,mode=0666 test -S $SSH_AUTH_SOCK && stat -c %a:%n $SSH_AUTH_SOCK';
    const events = await builder.build(dockerfile, {}, { query: { session: id } });
    expect(outputOf(events)).toBe('666:/run/buildkit/ssh_agent.0\n');
    expect((await builder.inspect(imageOf(events))).RootFS.Layers).toHaveLength(1);
  });

  test('without an agent there is none, unless it has to be there', async () => {
    const optional = await builder.build('FROM busybox\nRUN --mount=type=ssh echo "[$SSH_AUTH_SOCK]"');
    expect(outputOf(optional)).toBe('[]\n');
    const required = await builder.build('FROM busybox\nRUN --mount=type=ssh,required true');
    expect(failureOf(required).message).toBe('unset ssh forward key default');
  });
});
