/** What a page tells of a SLSA provenance, 1.0 or 0.2. It is somebody's input: no more of it than a page shows. Pure. */
import type { Provenance } from '../../hub-api/types.ts';

const mostEntries = 200;
const longestText = 2048;

type Fields = Readonly<Record<string, unknown>>;

export type ProvenanceSummary = Omit<Provenance, 'digest' | 'predicate_type' | 'size'>;

export function summarizeProvenance(predicate: unknown): ProvenanceSummary {
  const definition = fieldsOf(fieldsOf(predicate)['buildDefinition']);
  return Object.keys(definition).length > 0
    ? current(fieldsOf(predicate), definition)
    : legacy(fieldsOf(predicate));
}

function current({ runDetails }: Fields, definition: Fields): ProvenanceSummary {
  const { builder, metadata } = fieldsOf(runDetails);
  const { startedOn, finishedOn, buildkit_reproducible: isReproducible } = fieldsOf(metadata);
  const { configSource, request } = fieldsOf(definition['externalParameters']);
  const { uri, path } = fieldsOf(configSource);
  const { id, version } = fieldsOf(builder);
  return {
    builder: text(id) || versionsOf(version),
    build_type: text(definition['buildType']),
    source: text(uri),
    path: text(path),
    started: time(startedOn),
    finished: time(finishedOn),
    is_reproducible: isReproducible === true,
    ...listed(definition['resolvedDependencies'], fieldsOf(request)['args']),
  };
}

function legacy({ builder, buildType, invocation, metadata, materials }: Fields): ProvenanceSummary {
  const { configSource, parameters } = fieldsOf(invocation);
  const { uri, entryPoint } = fieldsOf(configSource);
  const { buildStartedOn, buildFinishedOn, reproducible } = fieldsOf(metadata);
  return {
    builder: text(fieldsOf(builder)['id']),
    build_type: text(buildType),
    source: text(uri),
    path: text(entryPoint),
    started: time(buildStartedOn),
    finished: time(buildFinishedOn),
    is_reproducible: reproducible === true,
    ...listed(materials, fieldsOf(parameters)['args']),
  };
}

function listed(
  materials: unknown,
  args: unknown,
): Pick<ProvenanceSummary, 'materials' | 'arguments' | 'is_cut'> {
  const all: readonly unknown[] = Array.isArray(materials) ? materials : [];
  const pairs = Object.entries(fieldsOf(args));
  return {
    materials: all.slice(0, mostEntries).map((each) => {
      const { uri, digest } = fieldsOf(each);
      const [algorithm, hex] = Object.entries(fieldsOf(digest))[0] ?? [];
      return {
        uri: text(uri),
        name: nameOf(text(uri)),
        digest: hex === undefined ? '' : text(`${algorithm}:${text(hex)}`),
      };
    }),
    arguments: pairs.slice(0, mostEntries).map(([name, value]) => ({ name: text(name), value: text(value) })),
    is_cut: all.length > mostEntries || pairs.length > mostEntries,
  };
}

/** `pkg:docker/library/busybox@1.36?platform=linux%2Famd64` as people write it: `library/busybox:1.36`. */
function nameOf(uri: string): string {
  const [, path, version] = /^pkg:(?:docker|oci)\/([^@?#]+)(?:@([^?#]*))?/.exec(uri) ?? [];
  if (path === undefined) return uri;
  try {
    return decodeURIComponent(version ? `${path}:${version}` : path);
  } catch {
    return uri;
  }
}

/** `{"cais":"1.0"}` becomes `cais 1.0`. */
function versionsOf(value: unknown): string {
  const versions = Object.entries(fieldsOf(value)).slice(0, mostEntries);
  return text(versions.map(([name, version]) => `${name} ${text(version)}`).join(', '));
}

function time(value: unknown): string | null {
  const milliseconds = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(milliseconds) ? null : new Date(milliseconds).toISOString();
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

export function text(value: unknown, longest = longestText): string {
  return typeof value === 'string' ? value.slice(0, longest) : '';
}
