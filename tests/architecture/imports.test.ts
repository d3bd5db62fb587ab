/** The layering of docs/architecture.md, as a rule that runs: who may import whom. */
import { describe, expect, test } from 'bun:test';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dir, '../../src');

/** What each top folder of src/ may import besides itself. */
const allowed: Record<string, readonly string[]> = {
  lib: [],
  oci: ['lib'],
  dockerfile: ['lib', 'oci'],
  packages: ['lib'],
  'engine-api': ['lib', 'oci'],
  'hub-api': ['lib', 'oci'],
  engine: ['lib', 'oci', 'dockerfile', 'packages', 'engine-api'],
  hub: ['lib', 'oci', 'hub-api'],
  web: ['lib', 'oci', 'hub-api'],
  cli: ['lib', 'oci', 'dockerfile', 'engine-api', 'hub-api'],
  bin: ['lib', 'oci', 'dockerfile', 'packages', 'engine-api', 'hub-api', 'engine', 'hub', 'web', 'cli'],
};

/** Packages that must not spread: where each may be imported. */
const packages: Record<string, readonly string[]> = {
  hono: ['hub'],
  kysely: ['hub'],
  commander: ['cli', 'bin'],
  react: ['web'],
  jose: ['hub'],
};

interface Import {
  readonly file: string;
  readonly target: string;
}

async function importsOf(file: string): Promise<Import[]> {
  const text = await Bun.file(join(root, file)).text();
  const found = text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g);
  return [...found].map((match) => ({ file, target: match[1] ?? '' }));
}

const files = [...new Bun.Glob('**/*.{ts,tsx}').scanSync(root)].filter(
  (file) => !/(\.(test|contract)|-fixture)\.tsx?$/.test(file),
);
const imports = (await Promise.all(files.map(importsOf))).flat();

describe('imports', () => {
  test('every file stands in a known folder', () => {
    expect(files.filter((file) => !(topOf(file) in allowed))).toEqual([]);
  });

  test('folders import only what lies below them', () => {
    const broken = imports.filter(({ file, target }) => {
      if (!target.startsWith('.')) return false;
      const to = topOf(relative(root, join(root, dirname(file), target)));
      if (to === '..') return topOf(file) !== 'bin' && topOf(file) !== 'web';
      return to !== topOf(file) && !(allowed[topOf(file)] ?? []).includes(to);
    });
    expect(broken).toEqual([]);
  });

  test('image values do no I/O', () => {
    const broken = imports.filter(
      ({ file, target }) => file.startsWith('oci/image/') && /^(node:|bun:)/.test(target),
    );
    expect(broken).toEqual([]);
  });

  test('large packages stay in their folder', () => {
    const broken = imports.filter(({ file, target }) => {
      const homes = packages[target.split('/')[0] ?? ''];
      return homes !== undefined && !homes.includes(topOf(file));
    });
    expect(broken).toEqual([]);
  });
});

describe('rules of the house', () => {
  const rules: { name: string; pattern: RegExp; except: RegExp }[] = [
    { name: 'errors are thrown by meaning', pattern: /throw new Error\(/, except: /^lib\// },
    {
      name: 'the environment is read in config files',
      pattern: /(process|Bun)\.env\b/,
      except: /config\.ts$|^bin\//,
    },
    { name: 'only bin ends the process', pattern: /process\.exit\(/, except: /^bin\// },
    {
      name: 'storage does not speak HTTP',
      pattern: /return new Response\(|Promise<Response>/,
      except: /^(?!oci\/content|.*-store\.ts$|engine\/(images|containers|snapshots)\/)/,
    },
  ];
  for (const { name, pattern, except } of rules) {
    test(name, async () => {
      const broken: string[] = [];
      for (const file of files.filter((candidate) => !except.test(candidate))) {
        if (pattern.test(await Bun.file(join(root, file)).text())) broken.push(file);
      }
      expect(broken).toEqual([]);
    });
  }
});

function topOf(file: string): string {
  return file.split('/')[0] ?? '';
}
