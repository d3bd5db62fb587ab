import { describe, expect, test } from 'bun:test';
import { parseGitReference } from './git-reference.ts';

describe('a git repository', () => {
  const cases: readonly (readonly [text: string, remote: string, ref: string, subdirectory: string])[] = [
    ['https://github.com/moby/buildkit.git', 'https://github.com/moby/buildkit.git', '', ''],
    ['https://host/r.git#v1', 'https://host/r.git', 'v1', ''],
    ['https://host/r.git#v1:docs/a/', 'https://host/r.git', 'v1', 'docs/a'],
    ['https://host/r.git#:docs', 'https://host/r.git', '', 'docs'],
    ['https://host/r.git#:../../etc', 'https://host/r.git', '', 'etc'],
    ['https://host/r.git#pull/42/head', 'https://host/r.git', 'pull/42/head', ''],
    ['https://host/r.git?branch=dev&subdir=x', 'https://host/r.git', 'refs/heads/dev', 'x'],
    ['https://host/r.git?tag=v1', 'https://host/r.git', 'refs/tags/v1', ''],
    ['http://host/r.git', 'http://host/r.git', '', ''],
    ['git://host/r', 'git://host/r', '', ''],
    ['ssh://git@host:2222/r.git#dev', 'ssh://git@host:2222/r.git', 'dev', ''],
    ['git@github.com:moby/buildkit.git#v0.14.1:docs', 'git@github.com:moby/buildkit.git', 'v0.14.1', 'docs'],
    ['github.com/moby/buildkit#main', 'https://github.com/moby/buildkit', 'main', ''],
  ];
  test.each(cases)('%s', (text, remote, ref, subdirectory) => {
    expect(parseGitReference(text, { isContext: true })).toMatchObject({ remote, ref, subdirectory });
  });

  test.each(['https://host/file.tar.gz', 'http://host/', './x.git', 'dir/x.git', 'x@y/z', '-', ''])(
    'is not %p',
    (text) => {
      expect(parseGitReference(text, { isContext: true })).toBeUndefined();
    },
  );

  test('of ADD is not the short form: it is a path', () => {
    expect(parseGitReference('github.com/moby/buildkit', { isContext: false })).toBeUndefined();
  });

  test.each([
    'https://host/r.git#--upload-pack=x',
    'https://host/r.git?ref=-x',
    'https://host/r.git?nonsense=1',
    'https://host/r.git?submodules=maybe',
  ])('%s is refused', (text) => {
    expect(() => parseGitReference(text, { isContext: true })).toThrow();
  });
});
