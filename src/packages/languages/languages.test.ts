import { expect, test } from 'bun:test';
import { packageFileAt } from '../catalog.ts';
import { parseGoBuildInfo } from './go.ts';

/** `kind name version` of each package that a file of this path and text tells of. */
function told(path: string, text: string): string[] {
  const file = packageFileAt(path);
  if (!file) expect.unreachable(`${path} is not read`);
  return file
    .read(new TextEncoder().encode(text))
    .map(({ kind, name, version }) => `${kind} ${name} ${version}`);
}

test('npm: lock files of all versions, and what is installed', () => {
  const flat = {
    packages: { '': { name: 'app' }, 'node_modules/a/node_modules/@b/c': { version: '1.2.3' } },
  };
  expect(told('app/package-lock.json', JSON.stringify(flat))).toEqual(['npm @b/c 1.2.3']);
  const tree = { dependencies: { a: { version: '1.0.0', dependencies: { b: { version: '2.0.0' } } } } };
  expect(told('app/package-lock.json', JSON.stringify(tree))).toEqual(['npm a 1.0.0', 'npm b 2.0.0']);
  const installed = { name: '@x/y', version: '3.0.0', license: 'MIT' };
  expect(told('app/node_modules/@x/y/package.json', JSON.stringify(installed))).toEqual(['npm @x/y 3.0.0']);
  expect(packageFileAt('app/node_modules/x/lib/package.json')).toBeUndefined();
  expect(packageFileAt('app/package.json')).toBeUndefined();
});

test('yarn: of version 1 and of those since', () => {
  const one =
    '# yarn lockfile v1\n\n"@babel/core@^7.0.0", "@babel/core@^7.1.0":\n  version "7.1.2"\n  resolved "x"\n\nms@2.0.0:\n  version "2.0.0"\n';
  expect(told('yarn.lock', one)).toEqual(['npm @babel/core 7.1.2', 'npm ms 2.0.0']);
  const berry =
    '"ms@npm:^2.1.0":\n  version: 2.1.3\n  resolution: "ms@npm:2.1.3"\n\n"app@workspace:.":\n  version: 0.0.0-use.local\n';
  expect(told('yarn.lock', berry)).toEqual(['npm ms 2.1.3']);
});

test('pnpm: keys of every version of the format', () => {
  const text =
    'packages:\n  /left-pad/1.3.0:\n    resolution: {}\n  /@a/b@2.0.0(c@1):\n    resolution: {}\n  d@3.0.0:\n    resolution: {}\n';
  expect(told('pnpm-lock.yaml', text)).toEqual(['npm left-pad 1.3.0', 'npm @a/b 2.0.0', 'npm d 3.0.0']);
});

test('Python: pinned requirements, locks, and what is installed', () => {
  expect(told('requirements.txt', 'a==1.0 ; python_version>"3"\nb[x]==2.0 --hash=1\nc>=3\n# d==4\n')).toEqual(
    ['pypi a 1.0', 'pypi b 2.0'],
  );
  expect(told('poetry.lock', '[[package]]\nname = "a"\nversion = "1.0"\n')).toEqual(['pypi a 1.0']);
  expect(told('Pipfile.lock', '{"default":{"a":{"version":"==1.0"}},"develop":{}}')).toEqual(['pypi a 1.0']);
  const metadata =
    'Metadata-Version: 2.1\nName: requests\nVersion: 2.32.3\nLicense: Apache-2.0\n\nName: not-this\n';
  expect(told('usr/lib/python3/requests-2.32.3.dist-info/METADATA', metadata)).toEqual([
    'pypi requests 2.32.3',
  ]);
});

test('Rust, Ruby and PHP', () => {
  const cargo =
    '[[package]]\nname = "own"\nversion = "0.1.0"\n[[package]]\nname = "serde"\nversion = "1.0.2"\nsource = "registry+x"\n';
  expect(told('Cargo.lock', cargo)).toEqual(['cargo serde 1.0.2']);
  const gems =
    'GEM\n  remote: https://rubygems.org/\n  specs:\n    rake (13.2.1)\n      other (>= 1)\n\nDEPENDENCIES\n  rake\n';
  expect(told('Gemfile.lock', gems)).toEqual(['gem rake 13.2.1']);
  expect(told('usr/lib/ruby/gems/3.1.0/specifications/net-http-0.4.1.gemspec', '')).toEqual([
    'gem net-http 0.4.1',
  ]);
  const composer = '{"packages":[{"name":"a/b","version":"v1.0.0","license":["MIT"]}],"packages-dev":[]}';
  expect(told('composer.lock', composer)).toEqual(['composer a/b 1.0.0']);
});

test('Go: go.mod, and what a program was built of', () => {
  const text =
    'module example.com/own\n\ngo 1.22\n\nrequire github.com/a/b v1.2.3\nrequire (\n\tgolang.org/x/sys v0.1.0 // indirect\n)\n';
  expect(told('go.mod', text)).toEqual(['golang github.com/a/b v1.2.3', 'golang golang.org/x/sys v0.1.0']);
  const mark = 'x'.repeat(16);
  const modules = `${mark}path\tcmd\nmod\texample.com/own\t(devel)\t\ndep\tgithub.com/a/b\tv1.2.3\th1:x\ndep\tc.org/d\tv1.0.0\n=>\te.org/f\tv2.0.0\th1:y\n${mark}`;
  const section = Buffer.concat([
    Buffer.from('\xff Go buildinf:\x08\x02', 'latin1'),
    Buffer.alloc(16),
    Buffer.of(8),
    Buffer.from('go1.22.1'),
    Buffer.of((modules.length & 0x7f) | 0x80, modules.length >> 7),
    Buffer.from(modules),
  ]);
  expect(parseGoBuildInfo(section).map(({ name, version }) => `${name} ${version}`)).toEqual([
    'stdlib 1.22.1',
    'github.com/a/b v1.2.3',
    'e.org/f v2.0.0',
  ]);
  expect(parseGoBuildInfo(section.subarray(0, 60))).toEqual([]);
});
