/** What `cais build -o` writes beside the files of an image: what the build was asked to say about them. Runs as root. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../../src/oci/image/digest.ts';
import { BuildDirectory } from '../support/build-directory.ts';

setDefaultTimeout(120_000);

let place: BuildDirectory;
beforeAll(async () => {
  place = await BuildDirectory.open();
  place.write('app/tool', 'a tool');
  place.write('app/list', 'a list');
  place.write('app/Dockerfile', 'FROM scratch\nCOPY tool /bin/tool\nCOPY list /list\n');
});
afterAll(() => place[Symbol.asyncDispose]());

interface Statement {
  readonly _type: string;
  readonly predicateType: string;
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicate: object;
}

function statement(path: string): Statement {
  return JSON.parse(readFileSync(join(place.path, path), 'utf8')) as Statement;
}

async function build(...words: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await place.cais('build', ...words, 'app');
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
}

test('--sbom and --provenance are files whose subjects are the files of the image', async () => {
  await build('--sbom=true', '--provenance=mode=max', '-o', 'out');
  expect(readdirSync(join(place.path, 'out')).toSorted()).toEqual([
    'bin',
    'list',
    'provenance.json',
    'sbom.spdx.json',
  ]);
  const provenance = statement('out/provenance.json');
  expect(provenance).toMatchObject({
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://slsa.dev/provenance/v1',
  });
  const tool = readFileSync(join(place.path, 'out/bin/tool'));
  expect(provenance.subject.map(({ name }) => name)).toEqual(['bin/tool', 'list']);
  expect(`sha256:${provenance.subject[0]?.digest.sha256}`).toBe(digestOf(tool));
  expect(provenance.predicate).toHaveProperty('buildDefinition');
  const sbom = statement('out/sbom.spdx.json');
  expect(sbom).toMatchObject({ predicateType: 'https://spdx.dev/Document', subject: provenance.subject });
  expect(sbom.predicate).toHaveProperty('spdxVersion');
});

test('each platform’s are in its directory, and in a tar too; a prefix keeps them apart from files', async () => {
  await build(
    '--attest',
    'type=sbom',
    '-o',
    'type=local,dest=two,attestation-prefix=app-',
    '--platform',
    'linux/amd64,linux/arm64',
  );
  for (const directory of ['two/linux_amd64', 'two/linux_arm64']) {
    expect(readdirSync(join(place.path, directory)).toSorted()).toEqual([
      'app-sbom.spdx.json',
      'bin',
      'list',
    ]);
  }
  const tar = await place.cais('build', '-q', '--sbom=true', '-o', 'type=tar,dest=out.tar', 'app');
  expect(tar.exitCode).toBe(0);
  const { stdout } = Bun.spawnSync(['tar', '-tf', join(place.path, 'out.tar')]);
  expect(stdout.toString()).toContain('sbom.spdx.json');
});

test('nobody who did not ask gets any, and a name that could lead elsewhere is refused', async () => {
  await build('-o', 'plain');
  expect(readdirSync(join(place.path, 'plain')).toSorted()).toEqual(['bin', 'list']);
  const output = 'type=local,dest=refused,attestation-prefix=../';
  const { exitCode, stderr } = await place.cais('build', '--sbom=true', '-o', output, 'app');
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('invalid attestation-prefix "../"')]);
  expect(existsSync(join(place.path, 'refused/bin'))).toBe(false);
});

test('a link of the same name in the image is replaced, and nothing is written where it leads', async () => {
  const target = join(place.path, 'target');
  place.write('target', 'mine');
  place.write(
    'app/link.Dockerfile',
    `FROM busybox AS made\nRUN --network=none mkdir /made && ln -s ${target} /made/provenance.json\nFROM scratch\nCOPY --from=made /made/ /\n`,
  );
  await build('-f', 'app/link.Dockerfile', '--provenance=true', '-o', 'linked');
  expect(readFileSync(target, 'utf8')).toStartWith('mine');
  expect(lstatSync(join(place.path, 'linked/provenance.json')).isFile()).toBe(true);
});
