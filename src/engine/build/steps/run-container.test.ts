/** RUN in a container of its own: what comes out, what becomes a layer, what is left. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StepEngine } from '../../../../tests/support/step-engine.ts';
import type { AdoptOptions } from '../../images/adopt-layer.ts';
import { commitContainer } from '../../images/commit.ts';
import { untar } from '../../../oci/layer/untar.ts';
import { inPieces } from '../../../../tests/support/byte-source.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import {
  adoptRun,
  type BuildState,
  discardRun,
  runInState,
  type RunRequest,
  type RunResult,
} from './run-container.ts';

setDefaultTimeout(60_000);

let engine: StepEngine;
beforeAll(async () => {
  engine = await StepEngine.start();
});
afterAll(() => engine[Symbol.asyncDispose]());

function run(script: string, more: Partial<RunRequest> = {}): Promise<RunResult> {
  return runInState(engine.deps, {
    state: engine.busybox,
    command: ['sh', '-c', script],
    environment: [],
    secretEnvironment: [],
    hostname: 'builder',
    hostConfig: { NetworkMode: 'none' },
    onOutput: () => undefined,
    signal: new AbortController().signal,
    ...more,
  });
}

/** Runs a script and adopts what it changed. */
async function step(script: string, more: Partial<RunRequest> = {}, options?: AdoptOptions) {
  const { containerId, exitCode } = await run(script, more);
  expect(exitCode).toBe(0);
  return await adoptRun(engine.deps, containerId, options);
}

async function namesIn(digest: Digest): Promise<string[]> {
  const bytes = await (await engine.deps.images.contents.open(digest)).bytes();
  return Array.from(untar(inPieces(bytes)), ({ name }) => name.toString());
}

async function outputOf(script: string, more: Partial<RunRequest> = {}): Promise<string> {
  const pieces: Uint8Array[] = [];
  const { containerId } = await run(script, {
    ...more,
    onOutput: (_stream, bytes) => void pieces.push(bytes),
  });
  await discardRun(engine.deps, containerId);
  return Buffer.concat(pieces).toString();
}

function on(layer: { chainId: Digest } | undefined): BuildState {
  return { ...engine.busybox, chainId: layer?.chainId };
}

describe('a command', () => {
  test('gives its output as it comes, and its exit code', async () => {
    const lines: string[] = [];
    const { exitCode, oomKilled, containerId } = await run(
      'echo out; echo err >&2; seq 1 20000 | tail -n 1; exit 3',
      {
        onOutput: (stream, bytes) => void lines.push(`${stream} ${Buffer.from(bytes).toString()}`),
      },
    );
    expect(lines.join('')).toContain('stdout out\n');
    expect(lines.join('')).toContain('stderr err\n');
    expect(lines.join('')).toContain('20000');
    expect({ exitCode, oomKilled }).toEqual({ exitCode: 3, oomKilled: false });
    await discardRun(engine.deps, containerId);
    expect(engine.deps.containers.list()).toEqual([]);
  });

  test('waits while nobody takes its output', async () => {
    let taken = 0;
    let most = 0;
    let pending = 0;
    const { containerId } = await run('dd if=/dev/zero bs=65536 count=64 2>/dev/null', {
      async onOutput(_stream, bytes) {
        pending += bytes.length;
        most = Math.max(most, pending);
        await Bun.sleep(1);
        pending -= bytes.length;
        taken += bytes.length;
      },
    });
    expect(taken).toBe(64 * 65536);
    expect(most).toBeLessThan(1024 * 1024);
    await discardRun(engine.deps, containerId);
  });

  test('is killed when the build is given up', async () => {
    const controller = new AbortController();
    const running = run('echo ready; sleep 1000', {
      signal: controller.signal,
      onOutput: () => controller.abort(new TypeError('given up')),
    });
    await expect(running).rejects.toThrow('given up');
    expect(engine.deps.containers.list()).toEqual([]);
  });

  test('that nobody can take the output of ends', async () => {
    const running = run('yes', {
      onOutput() {
        throw new TypeError('no room');
      },
    });
    await expect(running).rejects.toThrow('no room');
    expect(engine.deps.containers.list()).toEqual([]);
  });

  test('that is not there is told, and leaves no container', async () => {
    await expect(run('', { command: ['/no/such/program'] })).rejects.toThrow('no such file or directory');
    expect(engine.deps.containers.list()).toEqual([]);
  });

  test('has the environment, the user and the directory that it is given', async () => {
    const told = await outputOf('echo $A $B $C; id -u; pwd; hostname', {
      state: {
        ...engine.busybox,
        config: { ...engine.busybox.config, Env: ['PATH=/bin', 'A=image'], WorkingDir: '/tmp', User: '7' },
      },
      environment: ['B=build'],
      secretEnvironment: ['C=hush'],
    });
    expect(told).toBe('image build hush\n7\n/tmp\nbuilder\n');
  });
});

describe('its changes', () => {
  test('are a layer that the next step stands on', async () => {
    using first = await step('echo one >/file; mkdir /new; touch /new/a');
    expect(first && (await namesIn(first.diffId))).toEqual(['file', 'new/', 'new/a']);
    expect(first?.size).toBe(4);
    expect(await outputOf('cat /file; ls /new', { state: on(first) })).toBe('one\na\n');
    using second = await step('rm -r /file /new; mkdir /new; echo x >/new/b', { state: on(first) });
    expect(second && (await namesIn(second.diffId))).toEqual([
      '.wh.file',
      'new/',
      'new/.wh..wh..opq',
      'new/b',
    ]);
    expect(await outputOf('ls / | grep -c file; ls /new', { state: on(second) })).toBe('0\nb\n');
  });

  test('can be committed, for a look at what a step has done, with those of the steps before', async () => {
    using first = await step('echo one >/one');
    const { containerId } = await run('echo two >/two; exit 1', { state: on(first) });
    const container = engine.deps.containers.resolve(containerId);
    const image = await commitContainer(
      { images: engine.deps.images, emit: () => undefined, whileStill: (_container, read) => read() },
      { container, author: '', comment: '', pause: false, changes: [] },
    );
    await discardRun(engine.deps, containerId);
    expect(image.layers.map(({ chainId }) => chainId)).toContain(first?.chainId as Digest);
    expect(image.config.history?.filter(({ empty_layer }) => !empty_layer)).toHaveLength(image.layers.length);
    await engine.deps.layers.ensureUnpacked(image);
    expect(await outputOf('cat /one /two', { state: { ...engine.busybox, chainId: image.chainId } })).toBe(
      'one\ntwo\n',
    );
  });

  test('that come to nothing are none', async () => {
    expect(await step('true')).toBeUndefined();
    expect(await step('mkdir /x && rmdir /x')).toBeUndefined();
    expect(engine.deps.containers.list()).toEqual([]);
  });

  test('are not what a mount needs to be mounted on', async () => {
    const cache = join(engine.directory, 'cache');
    mkdirSync(cache, { recursive: true });
    const secret = join(engine.directory, 'secret');
    writeFileSync(secret, 'hush');
    const Mounts = [
      { Type: 'bind' as const, Source: cache, Target: '/var/cache/a/b' },
      { Type: 'bind' as const, Source: secret, Target: '/run/secrets/key', ReadOnly: true },
      { Type: 'tmpfs' as const, Target: '/etc/tmp' },
    ];
    const hostConfig = { NetworkMode: 'none', Mounts };
    expect(
      await step('cat /run/secrets/key >/var/cache/a/b/kept; touch /etc/tmp/x', { hostConfig }),
    ).toBeUndefined();
    expect(readFileSync(join(cache, 'kept'), 'utf8')).toBe('hush');
    using layer = await step('touch /var/cache/a/beside', { hostConfig });
    expect(layer && (await namesIn(layer.diffId))).toEqual([
      'var/',
      'var/cache/',
      'var/cache/a/',
      'var/cache/a/beside',
    ]);
  });

  test('made twice at the same epoch have the same digest', async () => {
    const script =
      'mkdir -p /d/e; date +%N >/dev/null; echo x >/d/e/f; ln -s f /d/e/l; rm /bin/ls; chmod 700 /tmp';
    const [one, two] = [
      await step(script, {}, { epoch: 1_000_000 }),
      await step(script, {}, { epoch: 1_000_000 }),
    ];
    expect(one?.diffId).toBe(two?.diffId as Digest);
    expect(await outputOf('stat -c %Y /d /d/e/f', { state: on(one) })).toBe('1000000\n1000000\n');
    one?.[Symbol.dispose]();
    two?.[Symbol.dispose]();
  });
});
