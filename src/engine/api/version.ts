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
  const [, major, minor, rest] = /^\/v(\d+)\.(\d+)(\/.*)$/.exec(path) ?? [];
  if (rest === undefined) return { path, version: newestVersion };
  const asked = `${major}.${minor}`;
  const version = (Number(major) - 1) * 1000 + Number(minor);
  if (version > newestVersion) {
    throw new InvalidError(
      `client version ${asked} is too new. Maximum supported API version is ${versionText(newestVersion)}`,
    );
  }
  if (version < oldestVersion) {
    throw new InvalidError(
      `client version ${asked} is too old. Minimum supported API version is ${versionText(oldestVersion)}, please upgrade your client to a newer version`,
    );
  }
  return { path: rest, version };
}
