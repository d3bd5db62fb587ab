/** Which files of a root tell of packages, and who reads each of them. Pure. */
import { apkPaths, parseApkInstalled } from './apk.ts';
import { dpkgPaths, parseDpkgStatus } from './dpkg.ts';
import { parseGoMod } from './languages/go.ts';
import { parsePackageJson, parsePackageLock, parsePnpmLock, parseYarnLock } from './languages/npm.ts';
import { parseComposer } from './languages/php.ts';
import {
  parsePipfileLock,
  parsePythonMetadata,
  parsePythonToml,
  parseRequirements,
} from './languages/python.ts';
import { gemOfFile, parseGemfileLock } from './languages/ruby.ts';
import { parseCargoLock } from './languages/rust.ts';
import type { Package } from './package.ts';
import { parseRpmBerkeley } from './rpm/berkeley.ts';
import { parseRpmNdb } from './rpm/ndb.ts';
import { parseRpmSqlite } from './rpm/sqlite.ts';

export interface PackageFile {
  /** Larger ones are no honest files of the kind. 0: its name tells all. */
  readonly largest: number;
  /** @throws anything, where the file is not of its form. */
  readonly read: (bytes: Uint8Array) => readonly Package[];
}

const megabyte = 1024 ** 2;
const database = 512 * megabyte;

const text = (parse: (text: string) => readonly Package[], largest = 32 * megabyte): PackageFile => ({
  largest,
  read: (bytes) => parse(new TextDecoder().decode(bytes)),
});

const byPath: Readonly<Record<string, PackageFile>> = {
  [dpkgPaths.status]: text(parseDpkgStatus),
  [apkPaths.installed]: text(parseApkInstalled, 128 * megabyte),
  [apkPaths.mergedInstalled]: text(parseApkInstalled, 128 * megabyte),
};

const byName: Readonly<Record<string, PackageFile>> = {
  'package-lock.json': text(parsePackageLock),
  'npm-shrinkwrap.json': text(parsePackageLock),
  'yarn.lock': text(parseYarnLock),
  'pnpm-lock.yaml': text(parsePnpmLock),
  'requirements.txt': text(parseRequirements, megabyte),
  'poetry.lock': text(parsePythonToml),
  'uv.lock': text(parsePythonToml),
  'pdm.lock': text(parsePythonToml),
  'Pipfile.lock': text(parsePipfileLock),
  'Cargo.lock': text(parseCargoLock),
  'go.mod': text(parseGoMod, megabyte),
  'Gemfile.lock': text(parseGemfileLock),
  'composer.lock': text(parseComposer),
};

/** By how a path ends, for names that occur elsewhere with another meaning. */
const byEnding: readonly (readonly [RegExp, PackageFile])[] = [
  [/^var\/lib\/dpkg\/status\.d\/[^/]+(?<!\.md5sums)$/, text(parseDpkgStatus, megabyte)],
  [/^(?:var\/lib|usr\/lib\/sysimage)\/rpm\/rpmdb\.sqlite$/, { largest: database, read: parseRpmSqlite }],
  [/^(?:var\/lib|usr\/lib\/sysimage)\/rpm\/Packages\.db$/, { largest: database, read: parseRpmNdb }],
  [/^(?:var\/lib|usr\/lib\/sysimage)\/rpm\/Packages$/, { largest: database, read: parseRpmBerkeley }],
  [/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/, text(parsePackageJson, megabyte)],
  [/\.dist-info\/METADATA$/, text(parsePythonMetadata, 4 * megabyte)],
  [/\.egg-info(?:\/PKG-INFO)?$/, text(parsePythonMetadata, 4 * megabyte)],
  [/(?:^|\/)vendor\/composer\/installed\.json$/, text(parseComposer)],
];

/** @param path without the slash in front. @returns undefined for a file that tells of no package. */
export function packageFileAt(path: string): PackageFile | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (Object.hasOwn(byPath, path)) return byPath[path];
  if (Object.hasOwn(byName, name)) return byName[name];
  if (name.endsWith('.gemspec')) return { largest: 0, read: () => gemOfFile(path) };
  return byEnding.find(([ending]) => ending.test(path))?.[1];
}
