/** dpkg with apt, and apk: what was done with them in a layer, and how to do it again. */
import { createHash } from 'node:crypto';
import { apkCommand } from '../../../packages/apk-command.ts';
import { type ApkPackage, apkPaths, parseApkInstalled, parseWorld } from '../../../packages/apk.ts';
import { aptCommand } from '../../../packages/apt-command.ts';
import { packageDifference } from '../../../packages/difference.ts';
import {
  dpkgPaths,
  parseAutomatic,
  parseConffiles,
  parseDpkgStatus,
  parseFileList,
  parseMd5sums,
} from '../../../packages/dpkg.ts';
import type { Package } from '../../../packages/package.ts';
import type { LowerDirectory } from '../../snapshots/lower-directory.ts';
import { mergedPath, type PackageFiles, readText, type Sum } from './package-files.ts';

export interface PackageWork {
  /** Shell, to be joined by `&&`. */
  readonly steps: readonly string[];
  /** Installed because others need them. */
  readonly brought: readonly Package[];
  /** Shell that fails unless just these packages are installed now. */
  readonly check: string;
  /** Of the packages that are installed again. */
  readonly files: PackageFiles;
  /** Of the packages that go, by path in latin1: the manager takes them away. */
  readonly gone: ReadonlySet<string>;
  /** What the manager writes for itself, files and directories: emptied after it ran, then as in the image. */
  readonly own: readonly string[];
  /** What it writes besides; not emptied. */
  readonly isState: RegExp;
  /** What it has to find before it runs. */
  readonly isSource: RegExp;
}

/** Undefined where no package manager that is known here has done anything. */
export function packageWork(
  before: LowerDirectory | undefined,
  after: LowerDirectory,
): PackageWork | undefined {
  return dpkgWork(before, after) ?? apkWork(before, after);
}

function dpkgWork(before: LowerDirectory | undefined, after: LowerDirectory): PackageWork | undefined {
  const [old, now] = [before, after].map((view) => readText(view, dpkgPaths.status));
  // An image in which dpkg itself is new was not made with it.
  if (old === undefined || now === undefined || old === now) return undefined;
  const installed = parseDpkgStatus(now);
  const difference = packageDifference(parseDpkgStatus(old), installed);
  if (!difference) return undefined;
  const architecture = installed.find(({ name }) => name === 'dpkg')?.architecture ?? '';
  const automatic = parseAutomatic(readText(after, dpkgPaths.extendedStates) ?? '');
  const state = { before: old, after: now, automatic, architecture };
  const conffiles = parseConffiles(now);
  const isExcluded = exclusions(after);
  const files = new Map<string, Sum>();
  for (const each of [...difference.added, ...difference.changed]) {
    const md5sums = parseMd5sums(infoOf(after, each, 'md5sums'));
    for (const path of parseFileList(infoOf(after, each, 'list'))) {
      const md5 = md5sums.get(path) ?? conffiles.get(path);
      if (!isExcluded(`/${path}`))
        files.set(keyOf(after, path), md5 === undefined ? undefined : `md5:${md5}`);
    }
  }
  const gone = [...difference.removed, ...difference.changed].flatMap((each) =>
    parseFileList(infoOf(before, each, 'list')).map((path) => keyOf(after, path)),
  );
  const lines = installed.map((each) => `installed ${each.name}:${each.architecture ?? ''} ${each.version}`);
  return {
    ...aptCommand(difference, state),
    check: checkOf(
      String.raw`dpkg-query -W -f='${'${'}db:Status-Status} ${'${'}Package}:${'${'}Architecture} ${'${'}Version}\n' | grep ^installed`,
      lines,
    ),
    files,
    gone: new Set(gone),
    own: [
      'var/lib/apt/lists',
      'var/lib/apt/extended_states',
      'var/cache/apt',
      'var/cache/debconf',
      'var/cache/ldconfig',
      'var/log/apt',
      'var/log/dpkg.log',
      'var/log/alternatives.log',
      'var/lib/dpkg/status-old',
      'var/lib/dpkg/diversions-old',
      'var/lib/dpkg/statoverride-old',
    ],
    isState:
      /^(?:var\/(?:lib|cache)\/(?:dpkg|apt|debconf|ldconfig|man|fontconfig|systemd)|etc\/(?:alternatives|ld\.so\.cache|rc\d\.d)|var\/log\/(?:apt|dpkg\.log|alternatives\.log))(?:\/|$)|\/__pycache__(?:\/|$)/,
    isSource: sourcesOf(after),
  };
}

/** Where a path of a package really is, in latin1. */
function keyOf(view: LowerDirectory, path: string): string {
  return Buffer.from(mergedPath(view, path)).toString('latin1');
}

/** Paths that dpkg is told not to unpack, as slim images have it. dpkg(1), --path-exclude. */
function exclusions(view: LowerDirectory): (path: string) => boolean {
  const directory = 'etc/dpkg/dpkg.cfg.d';
  const names = view.find(Buffer.from(directory))?.directory?.names() ?? [];
  const rules = names
    .flatMap((name) => (readText(view, `${directory}/${name.toString()}`) ?? '').split('\n'))
    .flatMap((line) => {
      const [, kind, glob] = /^path-(exclude|include)[ =](\S+)/.exec(line.trim()) ?? [];
      return glob === undefined
        ? []
        : [{ isOut: kind === 'exclude', glob: new Bun.Glob(glob.replaceAll('*', '**')) }];
    });
  return (path) => rules.findLast(({ glob }) => glob.match(path))?.isOut === true;
}

/** The archives' names and keys, and archives on the image's own disk. */
function sourcesOf(view: LowerDirectory): RegExp {
  const directory = view.find(Buffer.from('etc/apt/sources.list.d'))?.directory;
  const names = (directory?.names() ?? []).map((name) => `etc/apt/sources.list.d/${name.toString('latin1')}`);
  const paths = ['etc/apt/sources.list', ...names].flatMap((name) =>
    [...(readText(view, name) ?? '').matchAll(/\b(?:file|copy):\/*([^\s\]]+)/g)].map(([, path = '']) => path),
  );
  const local = paths.map((path) =>
    path.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`).replace(/(?:\\\/)+$/, ''),
  );
  return new RegExp(`^(?:${['etc/apt', 'usr/share/keyrings', ...local.filter(Boolean)].join('|')})(?:/|$)`);
}

/** Where two architectures of a package may be there, the file's name tells which. */
function infoOf(view: LowerDirectory | undefined, { name, architecture }: Package, what: string): string {
  const path = `${dpkgPaths.info}/${name}`;
  return readText(view, `${path}:${architecture}.${what}`) ?? readText(view, `${path}.${what}`) ?? '';
}

function apkWork(before: LowerDirectory | undefined, after: LowerDirectory): PackageWork | undefined {
  const path =
    readText(after, apkPaths.installed) === undefined ? apkPaths.mergedInstalled : apkPaths.installed;
  const [old, now] = [before, after].map((view) => readText(view, path));
  if (old === undefined || now === undefined || old === now) return undefined;
  const installed = parseApkInstalled(now);
  const difference = packageDifference(parseApkInstalled(old), installed);
  if (!difference) return undefined;
  const [oldWorld, world] = [before, after].map((view) => parseWorld(readText(view, apkPaths.world) ?? ''));
  const filesOf = (packages: readonly ApkPackage[]) => packages.flatMap(({ files }) => files);
  return {
    ...apkCommand(difference, oldWorld ?? [], world ?? []),
    check: checkOf(
      'apk info -v 2> /dev/null',
      installed.map(({ name, version }) => `${name}-${version}`),
    ),
    files: new Map(
      filesOf([...difference.added, ...difference.changed]).map((file) => [
        keyOf(after, file.path),
        sumOf(file.checksum),
      ]),
    ),
    gone: new Set(
      filesOf([...difference.removed, ...difference.changed]).map((file) => keyOf(after, file.path)),
    ),
    own: ['var/cache/apk', 'var/log/apk.log'],
    isState: /^(?:(?:usr\/)?lib\/apk|etc\/apk\/world|var\/(?:cache|lib|log)\/apk(?:\.log)?)(?:\/|$)/,
    isSource: /^etc\/apk\/(?:repositories|keys)/,
  };
}

/** `Q1` and base64: SHA-1. */
function sumOf(checksum: string | undefined): Sum {
  return checksum?.startsWith('Q1') === true
    ? `sha1:${Buffer.from(checksum.slice(2), 'base64').toString('hex')}`
    : undefined;
}

function checkOf(listing: string, lines: readonly string[]): string {
  const sorted = lines.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const sum = createHash('sha256')
    .update(sorted.map((line) => `${line}\n`).join(''))
    .digest('hex');
  return `${listing} | LC_ALL=C sort | sha256sum | grep -q ^${sum}`;
}
