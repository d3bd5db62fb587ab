/**
 * The images that packaging/compose/compose.yaml names: the hub's by its own script, and in place of those that others publish ones
 * of this machine's programs, which take the same variables.
 */
import { expect } from 'bun:test';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../src/lib/subprocess.ts';
import { caisBinary } from '../../support/running-cais.ts';
import { swiftCredentials, writeSwift } from '../../support/swift.ts';

const sources = join(import.meta.dir, 'team-images');
const hubScript = join(import.meta.dir, '../../../packaging/image/build.sh');

/** What differs from the Compose file, as one that is put over it. */
export const teamOverride = join(sources, 'compose.test.yaml');

/** Of compose.yaml: which images it takes, and secrets that the images know. */
export const teamVariables: Readonly<Record<string, string>> = {
  CAIS_IMAGE: 'team/hub',
  NGINX_IMAGE: 'team/nginx',
  POSTGRES_IMAGE: 'team/postgres',
  STORE_IMAGE: 'team/store',
  STORE_CLIENT_IMAGE: 'team/store',
  POSTGRES_PASSWORD: 'a password with $ and /',
  S3_ACCESS_KEY: swiftCredentials.accessKeyId,
  S3_SECRET_KEY: swiftCredentials.secretAccessKey,
  SECRETS_KEY: Buffer.alloc(32, 'a key of the test').toString('base64'),
};

/** @param env which engine makes them. */
export async function buildTeamImages(env: Readonly<Record<string, string>>): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), 'cais-team-images-'));
  try {
    await cp(sources, context, { recursive: true });
    for (const name of ['root', 'swift', 'empty']) await mkdir(join(context, name));
    await done(['sh', join(sources, 'root.sh'), join(context, 'root')], env);
    await writeSwift({
      directory: join(context, 'swift'),
      seenAs: '/etc/swift',
      devices: '/data',
      address: '0.0.0.0',
      ports: { proxy: 9000, memcached: 9001, account: 9002, container: 9003, object: 9004 },
    });
    for (const name of ['postgres', 'nginx', 'store'])
      await done([caisBinary, 'build', '--quiet', '--target', name, '--tag', `team/${name}`, context], env);
    await done(['sh', hubScript, 'team/hub', '--quiet'], env);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function done(argv: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const { exitCode, stdout, stderr } = await run(argv, { env });
  if (exitCode !== 0) expect.unreachable(`${argv.join(' ')}: ${stdout}${stderr}`);
}
