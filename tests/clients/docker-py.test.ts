import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { run } from '../../src/lib/subprocess.ts';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

/** Debian's python3-docker. What holds is written in the session itself. */
const session = `${import.meta.dir}/support/docker_py_session.py`;

let engine: RunningEngine;
beforeAll(async () => void (engine = await RunningEngine.start()));
afterAll(() => engine[Symbol.asyncDispose]());

async function complaintOf(version: string, part: string): Promise<string> {
  const { exitCode, stdout, stderr } = await run(['/usr/bin/python3', session, version, part], {
    env: { ...process.env, DOCKER_HOST: `unix://${engine.socketPath}` },
  });
  return exitCode === 0 ? '' : `${stdout}${stderr}`.trim();
}

const parts = [
  'system',
  'containers',
  'stats',
  'images',
  'saved_images',
  'builds',
  'volumes',
  'streams',
  'events',
  'ports',
  'health',
  'rest',
  'archives',
  'networks',
];

describe.each(['auto', '1.41'])('docker-py at version %s', (version) => {
  test.each(parts)('%s', async (part) => {
    expect(await complaintOf(version, part)).toBe('');
  });
});

/** Older than what most of its methods need. */
test.each(['stats', 'streams', 'events', 'ports', 'health'])(
  'docker-py at version 1.24: %s',
  async (part) => {
    expect(await complaintOf('1.24', part)).toBe('');
  },
);
