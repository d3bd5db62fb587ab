/** The API's versions: what a path asks for, and what this engine serves. */
import { InvalidError } from '../../lib/errors.ts';

/** 1.50: from 1.52 on fields are gone that older clients still read. */
export const newestVersion = 50;
export const oldestVersion = 24;

export function versionText(minor: number): string {
  return `1.${minor}`;
}

export interface VersionedPath {
  readonly path: string;
  /** 1.41 is 41; the newest where the path has no prefix. */
  readonly version: number;
}

/** Takes `/v1.N` off. @throws InvalidError in docker's words for a version that is not served. */
export function splitVersion(path: string): VersionedPath {
  const [, asked, rest] = /^\/v(\d[\d.]*)(\/.*)$/.exec(path) ?? [];
  if (asked === undefined || rest === undefined) return { path, version: newestVersion };
  if (isNewer(asked, versionText(newestVersion))) {
    throw new InvalidError(
      `client version ${asked} is too new. Maximum supported API version is ${versionText(newestVersion)}`,
    );
  }
  if (isNewer(versionText(oldestVersion), asked)) {
    throw new InvalidError(
      `client version ${asked} is too old. Minimum supported API version is ${versionText(oldestVersion)}, please upgrade your client to a newer version`,
    );
  }
  return { path: rest, version: Number(asked.split('.')[1]) };
}

/** Part by part; a part that is missing counts as 0. */
function isNewer(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) => text.split('.').map(Number));
  for (let at = 0; at < Math.max(left?.length ?? 0, right?.length ?? 0); at++) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
