/** FROM: what its variables become, with the build's arguments and without. */
import { InvalidError } from '../../lib/errors.ts';
import type { ImageConfig } from '../../oci/image/image-config.ts';
import { formatPlatform, hostPlatform } from '../../oci/image/platform.ts';
import { parseReference } from '../../oci/image/reference.ts';
import { expandWord } from '../expand.ts';
import type { Dockerfile, Escape, From, Stage } from '../instruction.ts';
import { nearest } from '../suggest.ts';
import type { Reporter } from './reporter.ts';
import { RecordingLookup } from './variables.ts';

/** Base names that only a build argument makes valid. `defaults`: the global variables without any. */
export function checkDefaults(
  { stages, escape }: Dockerfile,
  defaults: ReadonlyMap<string, string>,
  reporter: Reporter,
): void {
  for (const { from } of stages) {
    try {
      parseReference(expandWord(from.image, (name) => defaults.get(name), escape));
    } catch (error) {
      if (!(error instanceof InvalidError)) throw error;
      const message = `Default value for ARG ${from.image} results in empty or invalid base image name`;
      reporter.report('InvalidDefaultArgInFrom', from, message);
    }
  }
}

/** @returns the base's name, variables replaced. @throws InvalidError */
export function checkFrom(
  { from, name }: Stage,
  { globals, escape }: Dockerfile,
  variables: ReadonlyMap<string, string>,
  reporter: Reporter,
): string {
  const declared = globals.flatMap((arg) => arg.arguments.map((argument) => argument.name));
  const known = new Set([...declared, ...variables.keys()]);
  const image = new RecordingLookup(variables);
  const base = image.expand(from.image, escape);
  if (base === '') throw new InvalidError(`base name (${from.image}) should not be blank`);
  reportUndeclared(from, image.unmatched, known, reporter);
  if (from.platform !== undefined) {
    reportUndeclared(from, checkPlatform(from, name ?? '', variables, escape, reporter), known, reporter);
  }
  return base;
}

/** An image that is there for another machine, where none was asked for. */
export function checkBasePlatform(
  from: From,
  name: string,
  image: Pick<ImageConfig, 'os' | 'architecture' | 'variant'>,
  reporter: Reporter,
): void {
  const { os, architecture, variant } = image;
  const host = hostPlatform();
  if (os === host.os && architecture === host.architecture) return;
  const actual = formatPlatform({ os, architecture, ...(variant !== undefined && { variant }) });
  const message = `Base image ${name} was pulled with platform "${actual}", expected "${formatPlatform(host)}" for current build`;
  reporter.report('InvalidBaseImagePlatform', from, message);
}

function reportUndeclared(
  from: From,
  unmatched: ReadonlySet<string>,
  known: ReadonlySet<string>,
  reporter: Reporter,
): void {
  for (const name of unmatched.difference(known)) {
    const match = nearest(name, known);
    const suggestion = match === undefined ? '' : ` (did you mean ${match}?)`;
    const message = `FROM argument '${name}' is not declared${suggestion}`;
    reporter.report('UndefinedArgInFrom', from, message);
  }
}

/** @returns the variables that are not set. */
function checkPlatform(
  from: From,
  stage: string,
  variables: ReadonlyMap<string, string>,
  escape: Escape,
  reporter: Reporter,
): ReadonlySet<string> {
  const written = from.platform ?? '';
  const lookup = new RecordingLookup(variables);
  const platform = lookup.expand(written, escape);
  const { matched, unmatched } = lookup;
  if (matched.size === 0 && unmatched.size === 0) {
    const isNamed = platform.split('/').some((part) => part !== '' && stage.includes(part));
    const message = `FROM --platform flag should not use constant value ${JSON.stringify(platform)}`;
    if (!isNamed) reporter.report('FromPlatformFlagConstDisallowed', from, message);
  }
  const isTarget = matched.size === 1 && matched.has('TARGETPLATFORM') && unmatched.size === 0;
  if (isTarget && platform === variables.get('TARGETPLATFORM')) {
    const message = `Setting platform to predefined ${written} in FROM is redundant as this is the default behavior`;
    reporter.report('RedundantTargetPlatform', from, message);
  }
  return unmatched;
}
