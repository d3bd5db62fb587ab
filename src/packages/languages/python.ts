/** Packages of Python: what is installed (`*.dist-info`, `*.egg-info`), and lock files. */
import type { Package } from '../package.ts';
import { listOf, objectOf, parseJson, textOf } from './values.ts';

/** The head of a METADATA or PKG-INFO. https://packaging.python.org/en/latest/specifications/core-metadata/ */
export function parsePythonMetadata(text: string): Package[] {
  const fields = new Map<string, string>();
  for (const line of (text.split(/\r?\n\r?\n/, 1)[0] ?? '').split(/\r?\n/)) {
    const [, name, value] = /^([A-Za-z-]+):\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined && value && !fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value);
  }
  const licence = fields.get('license-expression') ?? shortLicence(fields.get('license'));
  const homepage = fields.get('home-page');
  const description = fields.get('summary');
  return python(fields.get('name'), fields.get('version')).map((each) => ({
    ...each,
    ...(licence !== undefined && { licence }),
    ...(homepage !== undefined && { homepage }),
    ...(description !== undefined && { description }),
  }));
}

/** Some put the whole text there. */
function shortLicence(text: string | undefined): string | undefined {
  return text === undefined || text.length > 100 || text === 'UNKNOWN' ? undefined : text;
}

/** Only what is pinned: `requests==2.32.3 ; python_version > "3"`. */
export function parseRequirements(text: string): Package[] {
  return text.split('\n').flatMap((line) => {
    const [, name, version] =
      /^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;#,\\]+)/.exec(line) ?? [];
    return python(name, version);
  });
}

/** `poetry.lock`, `uv.lock`, `pdm.lock`: the `[[package]]` tables. */
export function parsePythonToml(text: string): Package[] {
  const { package: packages } = objectOf(Bun.TOML.parse(text));
  return listOf(packages).flatMap((each) => {
    const { name, version, source } = objectOf(each);
    const isOwn = 'virtual' in objectOf(source) || 'editable' in objectOf(source);
    return isOwn ? [] : python(name, version);
  });
}

export function parsePipfileLock(text: string): Package[] {
  const { default: used, develop } = objectOf(parseJson(text));
  return [used, develop].flatMap((group) =>
    Object.entries(objectOf(group)).flatMap(([name, value]) =>
      python(name, textOf(objectOf(value)['version'])?.replace(/^===?/, '')),
    ),
  );
}

function python(name: unknown, version: unknown): Package[] {
  if (typeof name !== 'string' || typeof version !== 'string' || version === '') return [];
  return /^[A-Za-z0-9][\w.-]*$/.test(name) ? [{ kind: 'pypi', name, version }] : [];
}
