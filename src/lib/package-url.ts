/** Package URLs: one name for a package wherever it is from. https://github.com/package-url/purl-spec */

export interface PackageUrlParts {
  /** `deb`, `npm`, `docker`; lower case. */
  readonly type: string;
  /** Its segments are divided by `/`. */
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
  /** Those without a value are left out. */
  readonly qualifiers?: Readonly<Record<string, string | undefined>>;
}

export function packageUrl({
  type,
  namespace = '',
  name,
  version = '',
  qualifiers = {},
}: PackageUrlParts): string {
  const path = [...namespace.split('/').filter(Boolean), name].map(encode).join('/');
  const query = Object.entries(qualifiers)
    .flatMap(([key, value]) => (value ? [`${key}=${encode(value)}`] : []))
    .toSorted()
    .join('&');
  return `pkg:${type}/${path}${version === '' ? '' : `@${encode(version)}`}${query === '' ? '' : `?${query}`}`;
}

/** Everything but letters, digits, `.-_~` and the colon. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%3A', ':')
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
