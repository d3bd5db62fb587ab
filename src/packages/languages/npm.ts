/** Packages of JavaScript: what is installed below node_modules, and the lock files of npm, yarn and pnpm. */
import type { Package } from '../package.ts';
import { objectOf, parseJson, textOf } from './values.ts';

/** A `package.json` of something installed. */
export function parsePackageJson(text: string): Package[] {
  const { name, version, license, homepage, description } = objectOf(parseJson(text));
  const kind = textOf(objectOf(license)['type']) ?? textOf(license);
  return npm(name, version, { licence: kind, homepage: textOf(homepage), description: textOf(description) });
}

/** `package-lock.json` and `npm-shrinkwrap.json`: versions 2 and 3 list all by place, version 1 as a tree. */
export function parsePackageLock(text: string): Package[] {
  const { packages, dependencies } = objectOf(parseJson(text));
  if (packages !== undefined) {
    return Object.entries(objectOf(packages)).flatMap(([place, value]) => {
      const { name, version, license, link } = objectOf(value);
      const at = place.lastIndexOf('node_modules/');
      if (at === -1 || link === true) return [];
      return npm(name ?? place.slice(at + 'node_modules/'.length), version, { licence: textOf(license) });
    });
  }
  return [...lockTree(objectOf(dependencies), 0)];
}

/** Nobody nests deeper; a file that does is not walked to its end. */
const deepest = 100;

function* lockTree(dependencies: Readonly<Record<string, unknown>>, depth: number): Generator<Package> {
  if (depth > deepest) return;
  for (const [name, value] of Object.entries(dependencies)) {
    const { version, dependencies: inner } = objectOf(value);
    yield* npm(name, version);
    yield* lockTree(objectOf(inner), depth + 1);
  }
}

/** `"@babel/core@^7.0.0", "@babel/core@npm:^7.1.0":` and below it `version "7.1.2"`, of yarn 1 and of those since. */
export function parseYarnLock(text: string): Package[] {
  const found: Package[] = [];
  let name: string | undefined;
  for (const line of text.split('\n')) {
    const [, head] = /^"?((?:@[^/\s"]+\/)?[^@\s",/]+)@[^:].*:\s*$/.exec(line) ?? [];
    if (head !== undefined) name = head;
    const [, version] = /^ {2}version:? "?([^"\s]+)"?\s*$/.exec(line) ?? [];
    if (version === undefined || name === undefined) continue;
    if (version !== '0.0.0-use.local') found.push(...npm(name, version));
    name = undefined;
  }
  return found;
}

/** The keys of `packages`: `/left-pad@1.3.0(peer@1)`, `/left-pad/1.3.0`, `left-pad@1.3.0`, over the versions of the format. */
export function parsePnpmLock(text: string): Package[] {
  const { packages } = objectOf(Bun.YAML.parse(text));
  return Object.keys(objectOf(packages)).flatMap((key) => {
    const [, name, version] = /^\/?((?:@[^/]+\/)?[^/@]+)[@/]([^(_]+)/.exec(key) ?? [];
    return npm(name, version);
  });
}

function npm(
  name: unknown,
  version: unknown,
  more: Readonly<Partial<Record<'licence' | 'homepage' | 'description', string | undefined>>> = {},
): Package[] {
  const isNamed = typeof name === 'string' && /^(?:@[^/\s]+\/)?[^/\s]+$/.test(name);
  if (!isNamed || typeof version !== 'string' || !/^\d/.test(version)) return [];
  const known = Object.entries(more).filter(([, value]) => value);
  return [{ kind: 'npm', name, version, ...(Object.fromEntries(known) as Partial<Package>) }];
}
